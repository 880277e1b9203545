import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import { programError } from "../arguments/errors";
import type { RegistryCredentials } from "../image/registry";
import { lastLogLines } from "../release/container-log";
import { NotReadyError, READY_PATH, waitUntilReady } from "../release/readiness";
import { revisionOf } from "../release/revision";

export interface ScoringWebAppArgs {
  /** Name of the resource group of plan and app. */
  resourceGroupName: pulumi.Input<string>;
  /** 1 to 60 letters, digits and hyphens. */
  planName: pulumi.Input<string>;
  /** 2 to 60 letters, digits and hyphens, unique in all of Azure. */
  webAppName: pulumi.Input<string>;
  /** SKU of the plan, such as `B1`, as Azure spells it. */
  planSku: pulumi.Input<string>;
  /** Number of instances. */
  instanceCount: pulumi.Input<number>;
  /** Image to run: LOGINSERVER/REPOSITORY@sha256:DIGEST. */
  imageReference: pulumi.Input<string>;
  /** Host of the registry to pull from. */
  loginServer: pulumi.Input<string>;
  /** Credentials to pull with. */
  credentials: pulumi.Input<RegistryCredentials>;
  /** Environment variables of the container beside those that this component sets. */
  appSettings: pulumi.Input<Record<string, string>>;
  /** Seconds to wait for the app to score. */
  readyTimeout: number;
  /** @default no tags */
  tags?: pulumi.Input<Record<string, string>>;
}

/** The port that the scoring app listens on. */
const CONTAINER_PORT = "8080";
const LOG_LINES = 30;

/** A Linux plan and a web app that runs the scoring image, ready when this revision of it has scored the model's sample. */
export class ScoringWebApp extends pulumi.ComponentResource {
  readonly webAppName: pulumi.Output<string>;
  /** https://HOST, whether or not the app is ready. */
  readonly baseUrl: pulumi.Output<string>;
  /** https://HOST/score, known once the app is ready. */
  readonly scoringUrl: pulumi.Output<string>;

  constructor(name: string, args: ScoringWebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:web:ScoringWebApp", name, {}, opts);

    const { settings, revision } = containerSettings(args);

    const plan = new web.AppServicePlan(
      `${name}-plan`,
      {
        resourceGroupName: args.resourceGroupName,
        name: args.planName,
        kind: "linux",
        reserved: true, // without it Azure makes a Windows plan of any kind
        sku: { name: args.planSku, capacity: args.instanceCount },
        tags: args.tags ?? {},
      },
      { parent: this },
    );

    const webApp = new web.WebApp(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        name: args.webAppName,
        kind: "app,linux,container",
        reserved: true,
        serverFarmId: plan.id,
        httpsOnly: true,
        clientAffinityEnabled: false,
        siteConfig: {
          linuxFxVersion: pulumi.interpolate`DOCKER|${args.imageReference}`,
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
        tags: args.tags ?? {},
      },
      { parent: this },
    );

    this.webAppName = webApp.name;
    this.baseUrl = pulumi.interpolate`https://${webApp.defaultHostName}`;
    this.scoringUrl = pulumi
      .all([this.baseUrl, revision, webApp.id])
      .apply(([baseUrl, expected, id]) =>
        scoringUrlWhenReady(baseUrl, expected, id, args.readyTimeout, this),
      );
    this.registerOutputs({
      webAppName: this.webAppName,
      baseUrl: this.baseUrl,
      scoringUrl: this.scoringUrl,
    });
  }
}

/** All app settings in one place, since Azure replaces the whole set at every write. */
function containerSettings(args: ScoringWebAppArgs) {
  const own = pulumi
    .all([args.loginServer, args.credentials, args.appSettings])
    .apply(([loginServer, { username, password }, appSettings]) => ({
      ...appSettings,
      DOCKER_REGISTRY_SERVER_URL: `https://${loginServer}`,
      DOCKER_REGISTRY_SERVER_USERNAME: username,
      DOCKER_REGISTRY_SERVER_PASSWORD: password,
      WEBSITES_ENABLE_APP_SERVICE_STORAGE: "false",
      WEBSITES_PORT: CONTAINER_PORT,
    }));
  const revision = pulumi
    .all([args.imageReference, own])
    .apply(([image, values]) => revisionOf(image, values, values.DOCKER_REGISTRY_SERVER_PASSWORD));
  const settings = pulumi.all([own, revision]).apply(([values, value]) =>
    Object.entries({ ...values, SCORING_REVISION: value })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, text]) => ({ name: key, value: text })),
  );
  // Every answer of the app carries the revision, so it is no secret, and a URL that depends on it must not become one.
  return { settings, revision: pulumi.unsecret(revision) };
}

/** Asked on every update, also when nothing changed, and never in a preview. */
async function scoringUrlWhenReady(
  baseUrl: string,
  revision: string,
  webAppId: string,
  timeout: number,
  resource: pulumi.Resource,
): Promise<string> {
  if (pulumi.runtime.isDryRun()) return `${baseUrl}/score`;
  try {
    await waitUntilReady(
      { baseUrl, revision, timeout },
      {
        fetch,
        now: () => performance.now(),
        sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
        report: (progress) => void pulumi.log.info(progress, resource, undefined, true),
      },
    );
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    throw programError(await failure(error, baseUrl, webAppId, resource), resource);
  }
  return `${baseUrl}/score`;
}

async function failure(
  error: Error,
  baseUrl: string,
  webAppId: string,
  resource: pulumi.Resource,
): Promise<string> {
  const [resourceGroup, name] = [/\/resourceGroups\/([^/]+)/i, /\/sites\/([^/]+)/i].map(
    (part) => part.exec(webAppId)?.[1],
  );
  const log = await lastLogLines(webAppId, LOG_LINES, resource).then(
    (lines) =>
      lines.length ? `Last lines of its container log:\n${lines.join("\n")}` : "Its container log is empty.",
    (reason: Error) => `Its container log could not be read: ${reason.message}`,
  );
  return (
    `The web app at ${baseUrl} is ${error.message}\n${log}\n` +
    `To follow the log: az webapp log tail --name ${name} --resource-group ${resourceGroup}`
  );
}
