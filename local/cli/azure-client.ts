import type { Session } from "./session.ts";

/** One request to local Azure Resource Manager, with a token from its managed identity as any client gets it. */
export async function callResourceManager(
  session: Session,
  method: "GET" | "POST",
  path: string,
  apiVersion: string,
): Promise<Response> {
  const url = `${session.azure.resourceManager}${path}?api-version=${apiVersion}`;
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${await token(session)}` } });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** A bearer token for the resource manager, which SCM hosts accept too. */
export async function token({ azure }: Session): Promise<string> {
  const query = new URLSearchParams({ resource: `${azure.resourceManager}/`, "api-version": "2019-08-01" });
  const response = await fetch(`${azure.identityEndpoint}?${query}`, {
    headers: { "x-identity-header": azure.identityHeader },
  });
  if (!response.ok)
    throw new Error(`The identity endpoint answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
