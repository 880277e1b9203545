import * as authorization from "@pulumi/azure-native/authorization";
import * as azure from "@pulumi/azure-native/config";
import type * as pulumi from "@pulumi/pulumi";
import type { LogAnswer } from "./container-log";
import { excerpt, reasonOf } from "./readiness";

/** Which Azure the azure-native provider talks to; it reads the same settings in this order. */
export type Cloud = { metadataHost?: string; environment?: string };

/** Source: the `resourceManager` of each cloud in `az cloud list`. */
const RESOURCE_MANAGERS: Record<string, string> = {
  public: "https://management.azure.com",
  usgovernment: "https://management.usgovcloudapi.net",
  china: "https://management.chinacloudapi.cn",
};

const API_VERSION = "2025-05-01";

/** The provider's own settings, from the stack's configuration or the environment. */
export function configuredCloud(env: NodeJS.ProcessEnv = process.env): Cloud {
  return {
    metadataHost: azure.metadataHost || env.ARM_METADATA_HOSTNAME,
    environment: azure.environment || env.ARM_ENVIRONMENT || env.AZURE_ENVIRONMENT,
  };
}

/**
 * Address of the resource manager, without a slash at the end.
 * @throws Error when the cloud is unknown or its metadata cannot be read
 */
export async function resourceManagerUrl(cloud: Cloud, get: typeof fetch): Promise<string> {
  if (!cloud.metadataHost) {
    const url = RESOURCE_MANAGERS[(cloud.environment || "public").toLowerCase()];
    if (url) return url;
    throw new Error(`"${cloud.environment}" is no Azure environment: use public, usgovernment or china`);
  }
  const url = `https://${cloud.metadataHost}/metadata/endpoints?api-version=2022-09-01`;
  const metadata = await (await send(get, url)).json().catch(() => undefined);
  const { resourceManager } = (metadata ?? {}) as { resourceManager?: string };
  if (!resourceManager) throw new Error(`${url} names no resourceManager`);
  return resourceManager.replace(/\/+$/, "");
}

/** Reads a web app's container log by Azure's `containerlogs` action; throws in one sentence. */
export function logReader(webAppId: string, parent: pulumi.Resource): () => Promise<LogAnswer> {
  let base: string | undefined;
  return async () => {
    base ??= await resourceManagerUrl(configuredCloud(), fetch);
    // Asked for anew: a token may end before the waiting does.
    const { token } = await authorization.getClientToken({}, { parent });
    const init = { method: "POST", headers: { authorization: `Bearer ${token}` } };
    const response = await send(fetch, `${base}${webAppId}/containerlogs?api-version=${API_VERSION}`, init);
    return { text: await response.text(), time: Date.parse(response.headers.get("date") ?? "") };
  };
}

export async function send(get: typeof fetch, url: string, init: RequestInit = {}): Promise<Response> {
  const response = await get(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch((error: Error) => {
    throw new Error(`${url}: ${reasonOf(error)}`);
  });
  if (response.ok) return response;
  throw new Error(`${url} answered ${response.status}: ${excerpt(await response.text())}`);
}
