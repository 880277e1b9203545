import * as authorization from "@pulumi/azure-native/authorization";
import * as azure from "@pulumi/azure-native/config";
import type * as pulumi from "@pulumi/pulumi";

/** Which Azure the azure-native provider talks to; it reads the same settings in this order. */
export interface Cloud {
  metadataHost?: string;
  environment?: string;
}

/** Source: the `resourceManager` of each cloud in `az cloud list`. */
const RESOURCE_MANAGERS: Record<string, string> = {
  public: "https://management.azure.com",
  usgovernment: "https://management.usgovcloudapi.net",
  china: "https://management.chinacloudapi.cn",
};

const API_VERSION = "2025-05-01";
const REQUEST_TIMEOUT = 30_000;

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
    if (!url)
      throw new Error(`"${cloud.environment}" is no Azure environment: use public, usgovernment or china`);
    return url;
  }
  const url = `https://${cloud.metadataHost}/metadata/endpoints?api-version=2022-09-01`;
  const response = await get(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { resourceManager } = (await response.json()) as { resourceManager?: string };
  if (!resourceManager) throw new Error(`${url} names no resourceManager`);
  return resourceManager.replace(/\/+$/, "");
}

/**
 * The last lines of a web app's container log, by Azure's `containerlogs` action. Empty when there are none.
 * @throws Error when Azure does not give them
 */
export async function lastLogLines(
  webAppId: string,
  count: number,
  parent: pulumi.Resource,
  get: typeof fetch = fetch,
): Promise<string[]> {
  const base = await resourceManagerUrl(configuredCloud(), get);
  const { token } = await authorization.getClientToken({}, { parent });
  const response = await get(`${base}${webAppId}/containerlogs?api-version=${API_VERSION}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Azure answered ${response.status}: ${text.slice(0, 200)}`);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.slice(-count);
}
