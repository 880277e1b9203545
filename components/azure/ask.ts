import * as authorization from "@pulumi/azure-native/authorization";
import type * as pulumi from "@pulumi/pulumi";
import { configuredCloud, resourceManagerUrl, send } from "../release/resource-manager";

/** Asks the resource manager as who deploys, or posts a body to it; undefined where it has nothing. */
export async function ask<T>(path: string, apiVersion: string, parent: pulumi.Resource, body?: object) {
  const url = `${await resourceManagerUrl(configuredCloud(), fetch)}${path}?api-version=${apiVersion}`;
  const { token } = await authorization.getClientToken({}, { parent });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const posted = body && { method: "POST", body: JSON.stringify(body) };
  const answer = send(fetch, url, { ...posted, headers }).then((response) => response.json() as Promise<T>);
  return answer.catch((error: Error) => {
    if (!error.message.includes(" answered 404: ")) throw error;
  });
}
