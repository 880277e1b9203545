import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Checks, StringMap } from "../arguments/arguments";
import { type NameRule, nameCheck, uniqueName } from "../azure/names";
import type { Placement } from "../azure/placement";
import type { RegistryCredentials } from "../image/registry";
import { READY_PATH } from "../release/readiness";
import { type ReleaseArgs, scoringUrlWhenReady } from "../release/scoring-url";
import { APP_SETTINGS_CHECK, containerSettings } from "./app-settings";
import { linuxPlan, PLAN_CHECKS, type PlanArgs } from "./plan";

/** The service's arguments for plan and web app. */
export interface HostingArgs extends PlanArgs {
  /**
   * 2 to 60 letters, digits and hyphens, unique in all of Azure.
   * @default `app-PROJECT-STACK-` and a random suffix; with the name of a service that is not called `scoring`
   */
  webAppName?: pulumi.Input<string>;
  /**
   * Environment variables of the container beside those that the web app sets itself.
   * @default none
   */
  appSettings?: StringMap;
}

export const WEB_APP_NAME: NameRule = {
  abbreviation: "app",
  minimum: 2,
  maximum: 60,
  pattern: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
  description: "2 to 60 letters, digits and hyphens, no hyphen at either end",
  endpoint: true,
  separator: "-",
};

export const HOSTING_CHECKS: Checks<HostingArgs> = {
  ...PLAN_CHECKS,
  webAppName: nameCheck(WEB_APP_NAME),
  appSettings: APP_SETTINGS_CHECK,
};

export interface ScoringWebAppArgs extends HostingArgs, ReleaseArgs, Placement {
  /** Image to run: LOGINSERVER/REPOSITORY@sha256:DIGEST. */
  imageReference: pulumi.Input<string>;
  /** Host of the registry to pull from. */
  loginServer: pulumi.Input<string>;
  /** Credentials to pull with. */
  credentials: pulumi.Input<RegistryCredentials>;
}

/** A Linux plan and a web app that runs the scoring image, ready when this revision of it has scored the model's sample. */
export class ScoringWebApp extends pulumi.ComponentResource {
  readonly webAppName: pulumi.Output<string>;
  /** https://HOST, whether or not the app is ready. */
  readonly baseUrl: pulumi.Output<string>;
  /** https://HOST/score, known once the app is ready. */
  readonly scoringUrl: pulumi.Output<string>;

  constructor(name: string, args: ScoringWebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:web:ScoringWebApp", name, {}, opts);

    // Not RandomBytes, whose id shows its value in the state.
    const key = new random.RandomPassword(`${name}-key`, { length: 32, special: false }, { parent: this });
    const { settings, revision } = containerSettings({ ...args, revisionKey: key.result });
    const linuxFxVersion = pulumi.interpolate`DOCKER|${args.imageReference}`;

    const plan = linuxPlan(`${name}-plan`, args, this);

    const webApp = new web.WebApp(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        name: args.webAppName ?? uniqueName(WEB_APP_NAME, args.names),
        kind: "app,linux,container",
        reserved: true,
        serverFarmId: plan.id,
        httpsOnly: true,
        clientAffinityEnabled: false,
        siteConfig: {
          linuxFxVersion,
          appSettings: settings,
          alwaysOn: true,
          ftpsState: web.FtpsState.Disabled,
          healthCheckPath: READY_PATH,
          http20Enabled: true,
          // The same switch as httpLogs.fileSystem of config/logs (`az webapp log config --docker-container-logging
          // filesystem`), without a second write that would restart the app.
          httpLoggingEnabled: true,
          minTlsVersion: web.SupportedTlsVersions.SupportedTlsVersions_1_2,
        },
        tags: args.tags,
      },
      { parent: this },
    );

    this.webAppName = webApp.name;
    this.baseUrl = pulumi.interpolate`https://${webApp.defaultHostName}`;
    const { instanceCount: instances, readyTimeout: timeout } = args;
    const target = { baseUrl: this.baseUrl, revision, instances, timeout };
    this.scoringUrl = scoringUrlWhenReady({ target, linuxFxVersion, webAppId: webApp.id }, this);
    this.registerOutputs({
      webAppName: this.webAppName,
      baseUrl: this.baseUrl,
      scoringUrl: this.scoringUrl,
    });
  }
}
