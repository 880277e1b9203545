import { ok } from "../core/ok.ts";
import { type ProviderFactory, resourceProvider } from "../core/provider.ts";

/** Microsoft.Authorization: what the caller may do. There are no roles here: who has a token is an owner. */
export const authorization: ProviderFactory = resourceProvider<undefined>({
  namespace: "Microsoft.Authorization",
  resourceTypes: [{ resourceType: "permissions", apiVersions: ["2022-04-01", "2018-07-01", "2015-07-01"] }],
  routes: [
    {
      path: "{scope}/providers/Microsoft.Authorization/permissions",
      scopes: ["subscription", "group"],
      GET: () => ok({ value: [{ actions: ["*"], notActions: [], dataActions: [], notDataActions: [] }] }),
    },
  ],
  state: () => undefined,
  remove: (_, resource) =>
    Promise.reject(new Error(`${resource.id}: Microsoft.Authorization has nothing inside of groups.`)),
  start: async () => undefined,
  stop: async () => undefined,
});
