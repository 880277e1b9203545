import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { checkedArguments, type GroupedChecks } from "./arguments/arguments";
import { generatedName, nameSource } from "./azure/names";
import { RESOURCE_GROUP_CHECKS, RESOURCE_GROUP_NAME, type ResourceGroupArgs } from "./azure/resource-group";
import { HOSTING_CHECKS, type HostingArgs, ScoringWebApp } from "./hosting/web-app";
import { IMAGE_CHECKS, type ImageArgs, ScoringImage } from "./image/image";
import { ScoringRegistry } from "./image/registry";
import { RELEASE_CHECKS, type ReleaseArgs } from "./release/scoring-url";

/** A group of arguments for each capability. */
export interface ScoringServiceArgs extends ResourceGroupArgs {
  image?: ImageArgs;
  hosting: HostingArgs;
  release: ReleaseArgs;
}

const CHECKS: GroupedChecks<ScoringServiceArgs> = {
  ...RESOURCE_GROUP_CHECKS,
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
    const {
      resourceGroupName,
      tags = {},
      image,
      hosting,
      release,
    } = checkedArguments(`ScoringService "${name}"`, args, CHECKS);
    super("scoring:service:ScoringService", name, {}, opts);

    const suffix = new random.RandomId(`${name}-suffix`, { byteLength: 4 }, { parent: this });
    const names = nameSource(name, suffix.hex);

    const group = new resources.ResourceGroup(
      `${name}-group`,
      { resourceGroupName: resourceGroupName ?? generatedName(RESOURCE_GROUP_NAME, names), tags },
      { parent: this },
    );

    const registry = new ScoringRegistry(
      `${name}-registry`,
      { ...image, resourceGroupName: group.name, names, tags },
      { parent: this },
    );

    const { loginServer, credentials } = registry;
    const scoringImage = new ScoringImage(
      `${name}-image`,
      { ...image, loginServer, credentials },
      { parent: this },
    );

    const webApp = new ScoringWebApp(
      `${name}-app`,
      {
        ...hosting,
        ...release,
        resourceGroupName: group.name,
        names,
        imageReference: scoringImage.reference,
        loginServer,
        credentials,
        tags,
      },
      { parent: this },
    );

    this.scoringUrl = webApp.scoringUrl;
    this.baseUrl = webApp.baseUrl;
    this.webAppName = webApp.webAppName;
    this.resourceGroupName = group.name;
    this.registryLoginServer = loginServer;
    this.imageReference = scoringImage.reference;
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
