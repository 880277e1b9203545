import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { checkedArguments, type GroupedChecks } from "./arguments/arguments";
import { groupOfFreeNames } from "./azure/free-names";
import { generatedName } from "./azure/names";
import { PLACEMENT_CHECKS, type PlacementArgs, RESOURCE_GROUP_NAME, stayingName } from "./azure/placement";
import { HOSTING_CHECKS, type HostingArgs, ScoringWebApp } from "./hosting/web-app";
import { IMAGE_CHECKS, type ImageArgs, ScoringImage } from "./image/image";
import { ScoringRegistry } from "./image/registry";
import { RELEASE_CHECKS, type ReleaseArgs } from "./release/scoring-url";

export interface ScoringServiceArgs {
  placement?: PlacementArgs;
  image?: ImageArgs;
  hosting: HostingArgs;
  release: ReleaseArgs;
}

export const CHECKS: GroupedChecks<ScoringServiceArgs> = {
  placement: PLACEMENT_CHECKS,
  image: IMAGE_CHECKS,
  hosting: HOSTING_CHECKS,
  release: RELEASE_CHECKS,
};

/** A trained model behind a verified HTTPS endpoint: a resource group with registry, scoring image, plan and web app in it. */
export class ScoringService extends pulumi.ComponentResource {
  /** https://HOST/score, known once the deployed revision has scored the model's own sample. */
  readonly scoringUrl: pulumi.Output<string>;
  readonly baseUrl: pulumi.Output<string>;
  readonly webAppName: pulumi.Output<string>;
  readonly resourceGroupName: pulumi.Output<string>;
  readonly registryLoginServer: pulumi.Output<string>;
  /** LOGINSERVER/REPOSITORY@sha256:DIGEST */
  readonly imageReference: pulumi.Output<string>;

  constructor(name: string, args: ScoringServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const checked = checkedArguments(`ScoringService "${name}"`, args, CHECKS);
    super("scoring:service:ScoringService", name, {}, opts);

    const { placement, image, hosting, release } = checked;
    // The default service is named as a program's only one always was.
    const service = name === "scoring" ? undefined : name;
    const names = { project: pulumi.getProject(), stack: pulumi.getStack(), service };
    const { resourceGroupName = generatedName(RESOURCE_GROUP_NAME, names), tags = {} } = placement ?? {};
    const { planName, webAppName } = hosting;
    const given = { registryName: image?.registryName, planName, webAppName };

    const group = new resources.ResourceGroup(
      `${name}-group`,
      { resourceGroupName: groupOfFreeNames(resourceGroupName, given, this), tags },
      { parent: this, deleteBeforeReplace: false },
    );

    // In another group everything is made anew before the old one goes: under other names, therefore.
    const moving = { parent: this, replaceWith: [group] };
    const suffix = new random.RandomId(`${name}-suffix`, { byteLength: 4 }, moving);
    const place = { resourceGroupName: stayingName(group, this), names, suffix: suffix.hex, tags };

    const registry = new ScoringRegistry(`${name}-registry`, { ...image, ...place }, { parent: this });
    const { loginServer, credentials } = registry;
    const access = { loginServer, credentials };
    const { reference } = new ScoringImage(`${name}-image`, { ...image, ...access }, { parent: this });
    const served = { ...place, ...access, imageReference: reference };
    const webApp = new ScoringWebApp(`${name}-app`, { ...hosting, ...release, ...served }, { parent: this });

    this.scoringUrl = webApp.scoringUrl;
    this.baseUrl = webApp.baseUrl;
    this.webAppName = webApp.webAppName;
    this.resourceGroupName = group.name;
    this.registryLoginServer = loginServer;
    this.imageReference = reference;
    this.registerOutputs({
      scoringUrl: this.scoringUrl,
      baseUrl: this.baseUrl,
      webAppName: this.webAppName,
      resourceGroupName: this.resourceGroupName,
      registryLoginServer: this.registryLoginServer,
      imageReference: this.imageReference,
    });
  }
}
