import { asyncOperation, type ProviderFactory, resourceProvider } from "../core/provider.ts";
import {
  beginPut,
  checkName,
  deleteRegistry,
  get,
  list,
  listCredentials,
  listNone,
  listUsages,
  patch,
  regenerateCredential,
} from "./handlers.ts";
import type { Registry } from "./model.ts";
import { RegistryHost } from "./runtime/host.ts";
import { Registries } from "./state.ts";

const apiVersions = [
  "2025-11-01",
  "2025-04-01",
  "2023-11-01-preview",
  "2023-07-01",
  "2023-01-01-preview",
  "2022-12-01",
  "2021-09-01",
  "2019-05-01",
];

const namespace = "Microsoft.ContainerRegistry";
const registry = `{group}/providers/${namespace}/registries/{registryName}`;

/** Microsoft.ContainerRegistry: registries, each a real OCI registry on a port of its own. */
export const containerRegistry: ProviderFactory = resourceProvider<Registries>({
  namespace,
  resourceTypes: [{ resourceType: "registries", apiVersions }],
  routes: [
    { path: registry, GET: get, PUT: asyncOperation(beginPut), PATCH: patch, DELETE: deleteRegistry },
    { path: `{scope}/providers/${namespace}/registries`, scopes: ["subscription", "group"], GET: list },
    { path: `{subscription}/providers/${namespace}/checkNameAvailability`, POST: checkName },
    { path: `${registry}/listCredentials`, POST: listCredentials },
    { path: `${registry}/regenerateCredential`, POST: regenerateCredential },
    { path: `${registry}/listUsages`, GET: listUsages },
    // There are none, since none can be made here.
    { path: `${registry}/replications`, GET: listNone },
    { path: `${registry}/webhooks`, GET: listNone },
  ],
  state: (context, serially) => new Registries(context, new RegistryHost(context), serially),
  remove: (registries, resource) => registries.remove(resource as Registry),
  start: async (registries) => {
    for (const one of registries.all()) await registries.bringUp(one);
  },
  stop: (registries) => registries.host.stopAll(),
});
