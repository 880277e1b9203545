import { words } from "../../system/words.ts";
import { taken } from "../core/members.ts";
import { asyncOperation, type ProviderFactory, resourceProvider } from "../core/provider.ts";
import { anything } from "../core/readers.ts";
import * as registries from "./handlers.ts";
import { NAME_CHECK } from "./members.ts";
import type { Registry } from "./model.ts";
import { RegistryHost } from "./runtime/host.ts";
import { Registries } from "./state.ts";

const apiVersions = words(`2025-11-01 2025-04-01 2023-11-01-preview 2023-07-01 2023-01-01-preview 2022-12-01
  2021-09-01 2019-05-01`);

const namespace = "Microsoft.ContainerRegistry";
const registry = `{group}/providers/${namespace}/registries/{registryName}`;

/** Microsoft.ContainerRegistry: registries, each a real OCI registry on a port of its own. */
export const containerRegistry: ProviderFactory = resourceProvider<Registries>({
  namespace,
  resourceTypes: [{ resourceType: "registries", apiVersions }],
  routes: [
    {
      path: registry,
      GET: registries.get,
      PUT: asyncOperation(registries.beginPut),
      PATCH: registries.patch,
      DELETE: registries.remove,
    },
    {
      path: `{scope}/providers/${namespace}/registries`,
      scopes: ["subscription", "group"],
      GET: registries.list,
    },
    {
      path: `{subscription}/providers/${namespace}/checkNameAvailability`,
      body: NAME_CHECK,
      POST: registries.checkName,
    },
    { path: `${registry}/listCredentials`, POST: registries.listCredentials },
    {
      path: `${registry}/regenerateCredential`,
      body: { name: taken(anything) },
      POST: registries.regenerateCredential,
    },
    { path: `${registry}/listUsages`, GET: registries.listUsages },
    // There are none, since none can be made here.
    { path: `${registry}/replications`, GET: registries.listNone },
    { path: `${registry}/webhooks`, GET: registries.listNone },
  ],
  state: (context, serially) => new Registries(context, new RegistryHost(context), serially),
  remove: (state, resource) => state.remove(resource as Registry),
  start: async (state) => {
    for (const one of state.all()) await state.bringUp(one);
  },
  stop: (state) => state.host.stopAll(),
});
