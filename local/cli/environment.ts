import { dirname } from "node:path";
import { directVariables } from "../net/proxy.mjs";
import { trustVariables } from "../net/trust.ts";
import type { Background } from "../process/background.ts";
import { languageHostDirectory } from "../setup/engine.ts";
import { backendEnvironment } from "../stack/backend.ts";
import type { PluginChoice } from "../stack/plugins.ts";
import { paths, repository, wrapperDirectory } from "../system/clone.ts";

/**
 * What a shell needs so that plain `pulumi`, `az`, curl and Azure's SDKs reach local Azure; the commands here run
 * the engine with the very same variables. One that is undefined must not be set.
 *
 * @param engine - absolute path of `pulumi`.
 * @param dockerHost - value for DOCKER_HOST, where it must be set.
 */
export function localEnvironment(
  engine: string,
  dockerHost: string | undefined,
  azure: Background,
  plugins: PluginChoice,
): NodeJS.ProcessEnv {
  const host = new URL(azure.resourceManager).host;
  return {
    PATH: searchPath(engine),
    ...backendEnvironment(),
    PULUMI_DEBUG_PROVIDERS: plugins === "stand-in" ? azure.debugProviders : undefined,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: plugins === "stand-in" ? "true" : undefined,
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
    ARM_SUBSCRIPTION_ID: azure.subscriptionId,
    ARM_TENANT_ID: azure.tenantId,
    ARM_USE_MSI: "true",
    ARM_ENDPOINT: azure.resourceManager,
    ARM_METADATA_HOSTNAME: host,
    IDENTITY_ENDPOINT: azure.identityEndpoint,
    IDENTITY_HEADER: azure.identityHeader,
    ...Object.fromEntries(trustVariables.map((name) => [name, paths.caBundle])),
    ...directVariables(process.env),
    ...(dockerHost ? { DOCKER_HOST: dockerHost } : {}),
  };
}

/** This process's environment without what an evaluated `env` put first on PATH: the engine is sought as before. */
export function withoutLocalPath(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, PATH: ownPath(environment).join(":") };
}

/** The wrapper first, then Node 26, the language host for an engine built with Go, and the engine. */
function searchPath(engine: string): string {
  const first = [wrapperDirectory, dirname(process.execPath), languageHostDirectory, dirname(engine)];
  return [...new Set([...first, ...ownPath(process.env)])].join(":");
}

/** The entries of PATH that a person's shell has: not the wrapper's, and not those that `npm run` puts first. */
function ownPath({ PATH }: NodeJS.ProcessEnv): string[] {
  const folders = repository.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  const npms = new Set([wrapperDirectory, ...folders.map((folder) => `${folder}/node_modules/.bin`)]);
  return (PATH ?? "").split(":").filter((entry) => !npms.has(entry) && !entry.endsWith("/node-gyp-bin"));
}
