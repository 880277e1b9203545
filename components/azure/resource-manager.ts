import * as authorization from "@pulumi/azure-native/authorization";
import * as azure from "@pulumi/azure-native/config";
import type * as pulumi from "@pulumi/pulumi";
import { excerpt, reasonOf } from "../arguments/errors";

/** Which Azure the azure-native provider talks to; it reads the same settings in this order. */
export type Cloud = { metadataHost?: string; environment?: string };

/** Source: the `resourceManager` of each cloud in `az cloud list`. */
const RESOURCE_MANAGERS: Record<string, string> = {
  public: "https://management.azure.com",
  usgovernment: "https://management.usgovcloudapi.net",
  china: "https://management.chinacloudapi.cn",
};

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

/**
 * Sends a request to the resource manager as who deploys.
 * @param path with the API version
 * @throws Error in one sentence where the answer is no success
 */
export async function armRequest(path: string, parent: pulumi.Resource, body?: object): Promise<Response> {
  const url = (await resourceManagerUrl(configuredCloud(), fetch)) + path;
  // Asked for anew each time: one may end before a waiting does.
  const { token } = await authorization.getClientToken({}, { parent });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return send(fetch, url, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
}

export const ask = async <T>(...request: Parameters<typeof armRequest>) =>
  (await (await armRequest(...request)).json()) as T;

/** The resource that has this path; undefined where there is none. */
export const find = <T>(path: string, parent: pulumi.Resource): Promise<T | undefined> =>
  ask<T>(path, parent).catch((error) => (error.status === 404 ? undefined : Promise.reject(error)));

async function send(get: typeof fetch, url: string, init: RequestInit = {}): Promise<Response> {
  const response = await get(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch((error: Error) => {
    throw new Error(`${url}: ${reasonOf(error)}`);
  });
  if (response.ok) return response;
  const message = `${url} answered ${response.status}: ${excerpt(await response.text())}`;
  throw Object.assign(new Error(message), { status: response.status });
}
