import type { IncomingHttpHeaders } from "node:http";
import { ArmError, notEmulated, resourceGroupNotFound } from "./errors.ts";
import { locations } from "./locations.ts";
import type { ResourceProvider } from "./provider.ts";
import type { ResourceStore } from "./store.ts";
import type { Tokens } from "./tokens.ts";
import type { Method } from "./types.ts";

/** What a path says, however far it goes. */
export interface Scope {
  subscriptionId?: string;
  resourceGroupName?: string;
  /** More follows after the group's name. */
  insideGroup: boolean;
  namespace?: string;
  /** Without the namespace, e.g. `sites/config`. */
  type?: string;
}

export function scopeOf(path: string): Scope {
  const decoded = decodeURIComponent(path);
  const [, subscriptionId] = /^\/subscriptions\/([^/]+)/i.exec(decoded) ?? [];
  const [, resourceGroupName, inside] = /^(?:\/[^/]+){2}\/resourceGroups\/([^/]+)(\/)?/i.exec(decoded) ?? [];
  // After `providers` come the namespace and then types and names in turn. The last one counts (extension resources).
  const [, namespace, names] = /.*\/providers\/([^/]+)(.*)/is.exec(decoded) ?? [];
  const types = names?.split("/").filter((_, index) => index % 2 === 1);
  return { subscriptionId, resourceGroupName, insideGroup: !!inside, namespace, type: types?.join("/") };
}

export function checkToken(authorization: string | undefined, tokens: Tokens): void {
  if (!authorization) {
    const message = "Authentication failed. The 'Authorization' header is missing.";
    throw new ArmError(401, "AuthenticationFailed", message);
  }
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (!token) throw new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.");
  tokens.verify(token);
}

/** Any version that looks like one is accepted: clients are newer or older than any list of ours. */
export function checkApiVersion(version: string | null, scope: Scope, providers: ResourceProvider[]): string {
  if (!version) {
    const message = "The api-version query parameter (?api-version=) is required for all requests.";
    throw new ArmError(400, "MissingApiVersionParameter", message);
  }
  if (isDateShaped(version)) return version;
  const provider = findProvider(scope.namespace, providers);
  const described = provider?.resourceTypes.find(
    ({ resourceType }) => resourceType.toLowerCase() === scope.type?.toLowerCase(),
  );
  if (!provider || provider.namespace === "Microsoft.Resources") {
    const core = providers.find(({ namespace }) => namespace === "Microsoft.Resources");
    const supported = core?.resourceTypes[0]?.apiVersions.join(",") ?? "";
    const message = `The api-version '${version}' is invalid. The supported versions are '${supported}'.`;
    throw new ArmError(400, "InvalidApiVersionParameter", message);
  }
  const message = `No registered resource provider found for location '' and API version '${version}' for type '${scope.type ?? ""}'. The supported api-versions are '${(described?.apiVersions ?? []).join(", ")}'. The supported locations are '${Object.keys(locations).join(", ")}'.`;
  throw new ArmError(400, "NoRegisteredProviderFound", message);
}

function isDateShaped(version: string): boolean {
  const [date] = /^\d{4}-\d{2}-\d{2}(?=$|-[a-z]+$)/i.exec(version) ?? [];
  return (
    date !== undefined && !Number.isNaN(Date.parse(date)) && new Date(date).toISOString().startsWith(date)
  );
}

export function checkSubscription(scope: Scope, subscriptionId: string): void {
  const given = scope.subscriptionId;
  if (given === undefined || given.toLowerCase() === subscriptionId.toLowerCase()) return;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given)) {
    const message = `The provided subscription identifier '${given}' is malformed or invalid.`;
    throw new ArmError(400, "InvalidSubscriptionId", message);
  }
  throw new ArmError(404, "SubscriptionNotFound", `The subscription '${given}' could not be found.`);
}

/** What is in a group needs the group, and what is written into it needs one that stays. */
export function checkGroup(scope: Scope, method: Method, subscriptionId: string, store: ResourceStore): void {
  if (scope.resourceGroupName === undefined) return;
  const group = store.get(groupId(subscriptionId, scope.resourceGroupName));
  if (!group && scope.insideGroup) throw resourceGroupNotFound(scope.resourceGroupName);
  const writes = method === "PUT" || method === "PATCH";
  if (writes && group?.properties.provisioningState === "Deleting") {
    const message = `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`;
    throw new ArmError(409, "ResourceGroupBeingDeleted", message);
  }
}

/** What shall happen under a condition only must not happen without it. */
export function checkConditions(headers: IncomingHttpHeaders, method: Method): void {
  if (method === "GET" || method === "HEAD") return;
  const given = ["If-Match", "If-None-Match", "If-Unmodified-Since"].find(
    (name) => headers[name.toLowerCase()] !== undefined,
  );
  if (given) throw notEmulated(`the header '${given}' of a ${method}`, "nothing is compared; leave it out.");
}

/** Why no route fits: unknown namespace, or a type, child or action of it that is not emulated. */
export function noRoute(
  scope: Scope,
  path: string,
  apiVersion: string,
  providers: ResourceProvider[],
): ArmError {
  if (scope.namespace === undefined) {
    const message = `No HTTP resource was found that matches the request path '${path}'.`;
    return new ArmError(404, "NotFound", message);
  }
  const provider = findProvider(scope.namespace, providers);
  if (!provider) return unknownNamespace(scope.namespace);
  // What follows `config` are no names that somebody gave.
  const child = /\/providers\/[^/]+\/([^/]+)\/[^/]+\/(config\/.+)$/i.exec(path);
  const type = child ? `${child[1]}/${child[2]}` : scope.type;
  const message = `The resource type '${type ?? ""}' could not be found in the namespace '${provider.namespace}' for api version '${apiVersion}'.`;
  return new ArmError(404, "InvalidResourceType", message);
}

export function unknownNamespace(namespace: string): ArmError {
  return new ArmError(404, "InvalidResourceNamespace", `The resource namespace '${namespace}' is invalid.`);
}

export function findProvider(
  namespace: string | undefined,
  providers: ResourceProvider[],
): ResourceProvider | undefined {
  return providers.find((provider) => provider.namespace.toLowerCase() === namespace?.toLowerCase());
}

export function groupId(subscriptionId: string, resourceGroupName: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`;
}
