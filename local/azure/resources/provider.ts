import { findProvider, groupId, unknownNamespace } from "../core/checks.ts";
import { locations } from "../core/locations.ts";
import { each, idle } from "../core/members.ts";
import { ok } from "../core/ok.ts";
import {
  type ProviderContext,
  type ProviderFactory,
  type ResourceProvider,
  type RouteRow,
  resourceProvider,
} from "../core/provider.ts";
import type { ArmRequest, ArmResponse, Resource } from "../core/types.ts";
import { parseFilter } from "./filter.ts";
import { groupRoutes, ResourceGroups } from "./groups.ts";
import { page, paged } from "./paging.ts";

const apiVersions = ["2025-04-01", "2024-11-01", "2024-07-01", "2022-12-01", "2022-09-01", "2021-04-01"];

/** Microsoft.Resources: subscription, tenant, locations, providers, resource groups and the lists of resources. */
export const resources: ProviderFactory = resourceProvider<ResourceGroups>({
  namespace: "Microsoft.Resources",
  resourceTypes: ["resourceGroups", "subscriptions", "tenants", "resources", "providers"].map(
    (resourceType) => ({ resourceType, apiVersions }),
  ),
  routes: [
    { path: "/subscriptions", GET: ({ context }) => ok({ value: [subscriptionOf(context)] }) },
    { path: "{subscription}", GET: ({ context }) => ok(subscriptionOf(context)) },
    { path: "{subscription}/locations", GET: ({ context }) => ok({ value: regionsOf(context) }) },
    { path: "/tenants", GET: ({ context }) => ok({ value: [tenantOf(context)] }) },
    ...["{subscription}/providers", "/providers"].flatMap((path): RouteRow<ResourceGroups>[] => [
      { path, options: ["$expand"], GET: listProviders },
      { path: `${path}/{resourceProviderNamespace}`, options: ["$expand"], GET: getProvider },
    ]),
    // All are registered from the start, so that there is nothing left to do.
    {
      path: "{subscription}/providers/{resourceProviderNamespace}/register",
      body: each(idle("there is nobody to consent to."), "thirdPartyProviderConsent"),
      POST: getProvider,
    },
    ...groupRoutes,
    ...["{subscription}", "{group}"].map((scope) => ({
      path: `${scope}/resources`,
      options: [...paged, "$filter", "$expand"],
      GET: listResources,
    })),
  ],
  state: (context) => new ResourceGroups(context),
  remove: (_groups, resource) =>
    Promise.reject(new Error(`${resource.id}: Microsoft.Resources has nothing inside of groups.`)),
  start: async (groups) => groups.resume(),
  stop: async () => undefined,
});

function subscriptionOf({ subscriptionId, tenantId }: ProviderContext) {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId,
    tenantId,
    displayName: "Local Azure",
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}

function tenantOf({ tenantId }: ProviderContext) {
  return {
    id: `/tenants/${tenantId}`,
    tenantId,
    tenantCategory: "Home",
    displayName: "Local Azure",
    defaultDomain: "localhost",
    domains: ["localhost"],
    tenantType: "AAD",
  };
}

function regionsOf({ subscriptionId }: ProviderContext) {
  return Object.entries(locations).map(([name, displayName]) => ({
    id: `/subscriptions/${subscriptionId}/locations/${name}`,
    name,
    type: "Region",
    displayName,
    regionalDisplayName: displayName,
    metadata: { regionType: "Physical" },
  }));
}

function listProviders({ context }: ResourceGroups): ArmResponse {
  return ok({ value: context.providers().map((provider) => described(provider, context)) });
}

function getProvider({ context }: ResourceGroups, { parameters }: ArmRequest): ArmResponse {
  const provider = findProvider(parameters.resourceProviderNamespace, context.providers());
  if (!provider) throw unknownNamespace(parameters.resourceProviderNamespace!);
  return ok(described(provider, context));
}

function described({ namespace, resourceTypes }: ResourceProvider, { subscriptionId }: ProviderContext) {
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationState: "Registered",
    registrationPolicy: "RegistrationRequired",
    resourceTypes: resourceTypes.map(({ resourceType, apiVersions }) => ({
      resourceType,
      locations: Object.values(locations),
      apiVersions,
    })),
  };
}

/** Of the group that the request names, else of all. */
function listResources(groups: ResourceGroups, request: ArmRequest): ArmResponse {
  const { store, subscriptionId } = groups.context;
  const group = request.parameters.resourceGroupName;
  const ids = group ? [groupId(subscriptionId, group)] : groups.all().map(({ id }) => id);
  const found = ids.flatMap((id) => store.inGroup(id));
  return page(found.filter(parseFilter(request.query.get("$filter"))).map(summary), request);
}

/** The lists say nothing of a resource's properties. */
function summary({ id, name, type, sku, kind, location, tags }: Resource): Record<string, unknown> {
  return { id, name, type, sku, kind, location, tags };
}
