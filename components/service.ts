import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { generatedName, type NamedResource } from "./azure/names";
import { ScoringWebApp } from "./hosting/web-app";
import { ScoringImage } from "./image/image";
import { ScoringRegistry } from "./image/registry";
import type { Settings } from "./settings";

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

  constructor(name: string, args: Settings, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:service:ScoringService", name, {}, opts);

    const source = { project: pulumi.getProject(), stack: pulumi.getStack() };

    const suffix = new random.RandomId(`${name}-suffix`, { byteLength: 4 }, { parent: this });
    const unique = (resource: NamedResource) =>
      suffix.hex.apply((hex) => generatedName(resource, source, hex));

    const group = new resources.ResourceGroup(
      `${name}-group`,
      {
        resourceGroupName: args.resourceGroupName ?? generatedName("resourceGroup", source),
        tags: args.tags,
      },
      { parent: this },
    );

    const registry = new ScoringRegistry(
      `${name}-registry`,
      {
        resourceGroupName: group.name,
        registryName: args.registryName ?? unique("registry"),
        tags: args.tags,
      },
      { parent: this },
    );

    const image = new ScoringImage(
      `${name}-image`,
      { loginServer: registry.loginServer, credentials: registry.credentials, baseImage: args.baseImage },
      { parent: this },
    );

    const webApp = new ScoringWebApp(
      `${name}-app`,
      {
        resourceGroupName: group.name,
        planName: args.planName ?? generatedName("plan", source),
        webAppName: args.webAppName ?? unique("webApp"),
        planSku: args.planSku,
        instanceCount: args.instanceCount,
        imageReference: image.reference,
        loginServer: registry.loginServer,
        credentials: registry.credentials,
        appSettings: args.appSettings,
        readyTimeout: args.readyTimeout,
        tags: args.tags,
      },
      { parent: this },
    );

    this.scoringUrl = webApp.scoringUrl;
    this.baseUrl = webApp.baseUrl;
    this.webAppName = webApp.webAppName;
    this.resourceGroupName = group.name;
    this.registryLoginServer = registry.loginServer;
    this.imageReference = image.reference;
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
