import { findProvider, groupId, unknownNamespace } from "../core/checks.ts";
import { displayLocation, locations } from "../core/locations.ts";
import type { ArmRequest, ProviderContext, Resource, ResourceProvider, Route } from "../core/types.ts";
import { parseFilter } from "./filter.ts";
import { ResourceGroups } from "./groups.ts";
import { page } from "./paging.ts";

const apiVersions = ["2025-04-01", "2024-11-01", "2024-07-01", "2022-12-01", "2022-09-01", "2021-04-01"];

/**
 * Microsoft.Resources: subscription, tenant, locations, providers, resource groups and the lists of resources.
 *
 * @param providers - all resource providers, this one among them; asked for when a request needs them.
 */
export function resourcesProvider(
  context: ProviderContext,
  providers: () => ResourceProvider[],
): ResourceProvider {
  const groups = new ResourceGroups(context, providers);
  return {
    namespace: "Microsoft.Resources",
    resourceTypes: ["resourceGroups", "subscriptions", "tenants", "resources", "providers"].map(
      (resourceType) => ({
        resourceType,
        apiVersions,
      }),
    ),
    routes: [
      ...subscriptionRoutes(context),
      ...providerRoutes(context, providers),
      ...groups.routes(),
      ...resourceRoutes(context),
    ],
    remove: (resource) =>
      Promise.reject(new Error(`${resource.id}: Microsoft.Resources has nothing inside of groups.`)),
    start: async () => groups.resume(),
    stop: async () => undefined,
  };
}

function subscriptionRoutes({ subscriptionId, tenantId }: ProviderContext): Route[] {
  const subscription = {
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
  const tenant = {
    id: `/tenants/${tenantId}`,
    tenantId,
    tenantCategory: "Home",
    displayName: "Local Azure",
    defaultDomain: "localhost",
    domains: ["localhost"],
    tenantType: "AAD",
  };
  const regions = Object.keys(locations).map((name) => ({
    id: `/subscriptions/${subscriptionId}/locations/${name}`,
    name,
    type: "Region",
    displayName: displayLocation(name),
    regionalDisplayName: displayLocation(name),
    metadata: { regionType: "Physical" },
  }));
  const get = (path: string, body: unknown): Route => ({
    path,
    methods: { GET: () => ({ status: 200, body }) },
  });
  return [
    get("/subscriptions", { value: [subscription] }),
    get("/subscriptions/{subscriptionId}", subscription),
    get("/subscriptions/{subscriptionId}/locations", { value: regions }),
    get("/tenants", { value: [tenant] }),
  ];
}

function providerRoutes({ subscriptionId }: ProviderContext, providers: () => ResourceProvider[]): Route[] {
  const describe = (provider: ResourceProvider) => ({
    id: `/subscriptions/${subscriptionId}/providers/${provider.namespace}`,
    namespace: provider.namespace,
    registrationState: "Registered",
    registrationPolicy: "RegistrationRequired",
    resourceTypes: provider.resourceTypes.map(({ resourceType, apiVersions }) => ({
      resourceType,
      locations: Object.values(locations),
      apiVersions,
    })),
  });
  const one = ({ parameters }: ArmRequest) => {
    const provider = findProvider(parameters.resourceProviderNamespace, providers());
    if (!provider) throw unknownNamespace(parameters.resourceProviderNamespace!);
    return { status: 200, body: describe(provider) };
  };
  const all = () => ({ status: 200, body: { value: providers().map(describe) } });
  const list = "/subscriptions/{subscriptionId}/providers";
  return [
    { path: list, methods: { GET: all } },
    { path: "/providers", methods: { GET: all } },
    { path: `${list}/{resourceProviderNamespace}`, methods: { GET: one } },
    { path: "/providers/{resourceProviderNamespace}", methods: { GET: one } },
    // All are registered from the start, so that there is nothing left to do.
    { path: `${list}/{resourceProviderNamespace}/register`, methods: { POST: one } },
  ];
}

function resourceRoutes({ store, subscriptionId }: ProviderContext): Route[] {
  const groups = () => store.list("Microsoft.Resources/resourceGroups", `/subscriptions/${subscriptionId}`);
  const list = (resources: Resource[], request: ArmRequest) =>
    page(resources.filter(parseFilter(request.query.get("$filter"))).map(summary), request);
  return [
    {
      path: "/subscriptions/{subscriptionId}/resources",
      methods: {
        GET: (request) =>
          list(
            groups().flatMap((group) => store.inGroup(group.id)),
            request,
          ),
      },
    },
    {
      path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/resources",
      methods: {
        GET: (request) =>
          list(store.inGroup(groupId(subscriptionId, request.parameters.resourceGroupName!)), request),
      },
    },
  ];
}

/** The lists say nothing of a resource's properties. */
function summary({ id, name, type, sku, kind, location, identity, tags }: Resource): Record<string, unknown> {
  return { id, name, type, sku, kind, location, identity, tags };
}
