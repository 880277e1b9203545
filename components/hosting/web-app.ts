import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Checks } from "../arguments/arguments";
import { generatedName, type NameRule, nameCheck } from "../azure/names";
import type { Placement } from "../azure/placement";
import { membersOf, type Relied } from "../azure/relied";
import type { RegistryAccess } from "../image/registry";
import { READY_PATH } from "../release/readiness";
import { type ReleaseArgs, scoringUrlWhenReady } from "../release/scoring-url";
import { APP_SETTINGS_CHECKS, type AppSettingsArgs, containerSettings } from "./app-settings";
import { linuxPlan, PLAN_CHECKS, type PlanArgs, planFor } from "./plan";

export interface HostingArgs extends PlanArgs, AppSettingsArgs {
  /**
   * 2 to 60 letters, digits and hyphens, unique in all of Azure.
   * @default `app-PROJECT-STACK-` and a random suffix; with the name of a service that is not called `scoring`
   */
  webAppName?: pulumi.Input<string>;
}

export const WEB_APP_NAME: NameRule = {
  abbreviation: "app",
  maximum: 60,
  pattern: /^[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$/,
  description: "2 to 60 letters, digits and hyphens, no hyphen at either end",
  endpoint: true,
  separator: "-",
};

export const HOSTING_CHECKS: Checks<HostingArgs> = {
  ...PLAN_CHECKS,
  ...APP_SETTINGS_CHECKS,
  webAppName: nameCheck(WEB_APP_NAME),
};

export const SITE_MEMBERS = {
  kind: ["app,linux,container", "it is an app of another sort"],
  reserved: [true, "it is a Windows app"],
  enabled: [true, "every request is answered 403"],
  publicNetworkAccess: ["Enabled", "every request from outside is answered 403"],
  httpsOnly: [true, "data and predictions travel unencrypted"],
  clientAffinityEnabled: [false, "all requests of a client that keeps cookies go to one instance"],
  clientCertEnabled: [false, "clients without a certificate are answered 403"],
  hostNamesDisabled: [false, "the app has no address"],
} as const satisfies Relied;

export const SITE_CONFIG_MEMBERS = {
  appCommandLine: ["", "the container runs another command than the image's"],
  acrUseManagedIdentityCreds: [false, "the image is pulled in the name of an identity that may not"],
  alwaysOn: [true, "the container ends when nobody has asked for 20 minutes"],
  ftpsState: [web.FtpsState.Disabled, "files can be changed by FTP"],
  healthCheckPath: [READY_PATH, "an instance that does not score gets requests"],
  http20Enabled: [true, "clients of HTTP/2 are turned down"],
  http20ProxyFlag: [0, "the container, which speaks HTTP/1.1, is spoken to in HTTP/2"],
  // The same switch as httpLogs.fileSystem of config/logs, without a second write that would restart the app.
  httpLoggingEnabled: [true, "there is no container log"],
  minTlsVersion: [web.SupportedTlsVersions.SupportedTlsVersions_1_2, "clients may use broken TLS"],
  scmMinTlsVersion: [web.SupportedTlsVersions.SupportedTlsVersions_1_2, "deployers may use broken TLS"],
} as const satisfies Relied;

export interface ScoringWebAppArgs extends HostingArgs, ReleaseArgs, Placement, RegistryAccess {
  imageReference: pulumi.Input<string>;
}

/** A Linux plan and a web app that runs the scoring image, ready when this revision of it has scored the model's sample. */
export class ScoringWebApp extends pulumi.ComponentResource {
  readonly webAppName: pulumi.Output<string>;
  readonly baseUrl: pulumi.Output<string>;
  readonly scoringUrl: pulumi.Output<string>;

  constructor(name: string, args: ScoringWebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    // Previews show them here: a list with one secret in it, as siteConfig's, is secret as a whole to the engine.
    super("scoring:web:ScoringWebApp", name, { appSettings: args.appSettings }, opts);

    // Not RandomBytes, whose id shows its value in the state.
    const key = new random.RandomPassword(`${name}-key`, { length: 32, special: false }, { parent: this });
    const { settings, revision, plainSettings } = containerSettings({ ...args, revisionKey: key.result });
    const linuxFxVersion = pulumi.interpolate`DOCKER|${args.imageReference}`;

    const plan = linuxPlan(`${name}-plan`, args, this);
    const webAppName =
      args.webAppName ?? args.suffix.apply((hex) => generatedName(WEB_APP_NAME, args.names, hex));
    const siteConfig = { ...membersOf(SITE_CONFIG_MEMBERS), linuxFxVersion, appSettings: settings };

    const webApp = new web.WebApp(
      name,
      {
        ...membersOf(SITE_MEMBERS),
        resourceGroupName: args.resourceGroupName,
        name: webAppName,
        serverFarmId: planFor(webAppName, plan, this),
        siteConfig,
        tags: args.tags,
      },
      {
        parent: this,
        deleteBeforeReplace: false,
        ignoreChanges: ["kind"], // which would make the app anew, under the name that it has
        // The SDK makes one output of siteConfig, which one secret among the app settings makes secret as a whole.
        transformations: [({ props, opts }) => ({ props: { ...props, siteConfig }, opts })],
      },
    );

    this.webAppName = webApp.name;
    this.baseUrl = pulumi.interpolate`https://${webApp.defaultHostName}`;
    const { instanceCount: instances, readyTimeout: timeout } = args;
    const target = { baseUrl: this.baseUrl, revision, instances, timeout };
    const site = { webAppId: webApp.id, linuxFxVersion, appSettings: plainSettings };
    this.scoringUrl = scoringUrlWhenReady(pulumi.output({ ...target, ...site }), this);
    this.registerOutputs({ webAppName: webApp.name, baseUrl: this.baseUrl, scoringUrl: this.scoringUrl });
  }
}
