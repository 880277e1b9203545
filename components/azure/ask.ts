import * as authorization from "@pulumi/azure-native/authorization";
import type * as pulumi from "@pulumi/pulumi";
import { programError } from "../arguments/errors";
import { configuredCloud, resourceManagerUrl } from "../release/container-log";

/** What the resource manager answers to who deploys: undefined where it has nothing, else an error in one sentence. */
export async function ask<T>(
  toLearn: string,
  { path, apiVersion, body }: { path: string; apiVersion: string; /** Is posted. */ body?: object },
  parent: pulumi.Resource,
): Promise<T | undefined> {
  const answer = async () => {
    const url = `${await resourceManagerUrl(configuredCloud(), fetch)}${path}?api-version=${apiVersion}`;
    const { token } = await authorization.getClientToken({}, { parent });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = body && { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(url, { ...sent, headers, signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    if (response.status !== 404) throw new Error(`it answered ${response.status}, ${text.slice(0, 200)}`);
  };
  return answer().catch((error: Error) => {
    const reason = ((error.cause as Error | undefined) ?? error).message.replace(/\s+/g, " ");
    const remedy = "run the command again, signed in with the role Contributor on the subscription";
    throw programError(`Azure did not say ${toLearn} (${reason}): ${remedy}`, parent);
  });
}
