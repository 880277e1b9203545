import { join } from "node:path";
import { appServiceAudience } from "../core/metadata.ts";
import {
  type ProviderContext,
  type ProviderFactory,
  type RouteRow,
  resourceProvider,
} from "../core/provider.ts";
import {
  getAuth,
  getAuthV2,
  getLogs,
  getSlotConfigNames,
  putAuth,
  putAuthV2,
  putLogs,
  putSlotConfigNames,
} from "./config/children.ts";
import {
  getPolicy,
  listPolicies,
  listPublishingCredentials,
  publishXml,
  putPolicy,
} from "./config/publishing.ts";
import { listSettings, putSettings } from "./config/settings.ts";
import { getWebConfig, listConfigs, writeWebConfig } from "./config/web-config.ts";
import { type Plan, type Site, siteType } from "./model.ts";
import {
  deletePlan,
  getPlan,
  listPlanSites,
  listPlans,
  patchPlan,
  putPlan,
  removePlan,
} from "./plans/handlers.ts";
import { appServiceRuntime } from "./runtime/runtime.ts";
import type { AppServiceRuntime } from "./runtime/types.ts";
import {
  containerLogs,
  listDeployments,
  listHostNameBindings,
  restartSite,
  setStopped,
} from "./sites/actions.ts";
import { deleteSite, getSite, listSites, patchSite, putSite } from "./sites/handlers.ts";
import { WebState } from "./state.ts";
import { checkNameAvailability, validate } from "./validation.ts";

const apiVersions = [
  "2025-05-01",
  "2025-03-01",
  "2024-11-01",
  "2024-04-01",
  "2023-12-01",
  "2023-01-01",
  "2022-09-01",
];

const inGroup = "{group}/providers/Microsoft.Web";
const lists = { scopes: ["subscription", "group"] } as const;
const plan = `${inGroup}/serverfarms/{name}`;
const site = `${inGroup}/sites/{name}`;
const policies = `${site}/basicPublishingCredentialsPolicies`;

/** The App Service control plane: plans, web apps, their configuration and their actions. */
const routes: RouteRow<WebState>[] = [
  { path: "{scope}/providers/Microsoft.Web/serverfarms", ...lists, GET: listPlans },
  { path: plan, GET: getPlan, PUT: putPlan, PATCH: patchPlan, DELETE: deletePlan },
  { path: `${plan}/sites`, GET: listPlanSites },

  { path: "{scope}/providers/Microsoft.Web/sites", ...lists, GET: listSites },
  { path: site, GET: getSite, PUT: putSite, PATCH: patchSite, DELETE: deleteSite },
  { path: `${site}/config`, GET: listConfigs },
  { path: `${site}/config/web`, GET: getWebConfig, PATCH: writeWebConfig, PUT: writeWebConfig },
  ...(["appSettings", "connectionStrings", "metadata"] as const).flatMap((kept): RouteRow<WebState>[] => [
    { path: `${site}/config/${kept}`, PUT: (state, request) => putSettings(state, kept, request) },
    { path: `${site}/config/${kept}/list`, POST: (state, request) => listSettings(state, kept, request) },
  ]),
  { path: `${site}/config/slotConfigNames`, GET: getSlotConfigNames, PUT: putSlotConfigNames },
  { path: `${site}/config/logs`, GET: getLogs, PUT: putLogs },
  { path: `${site}/config/authsettings`, PUT: putAuth },
  { path: `${site}/config/authsettings/list`, POST: getAuth },
  { path: `${site}/config/authsettingsV2`, GET: getAuthV2, PUT: putAuthV2 },
  { path: `${site}/config/authsettingsV2/list`, GET: getAuthV2 },
  { path: `${site}/config/publishingcredentials/list`, POST: listPublishingCredentials },

  { path: policies, GET: listPolicies },
  ...(["ftp", "scm"] as const).map(
    (name): RouteRow<WebState> => ({
      path: `${policies}/${name}`,
      GET: (state, request) => getPolicy(state, name, request),
      PUT: (state, request) => putPolicy(state, name, request),
    }),
  ),

  { path: `${site}/start`, POST: (state, request) => setStopped(state, false, request) },
  { path: `${site}/stop`, POST: (state, request) => setStopped(state, true, request) },
  { path: `${site}/restart`, POST: restartSite },
  { path: `${site}/containerlogs`, POST: containerLogs },
  { path: `${site}/publishxml`, POST: publishXml },
  { path: `${site}/hostNameBindings`, GET: listHostNameBindings },
  { path: `${site}/deployments`, GET: listDeployments },

  { path: "{subscription}/providers/Microsoft.Web/checknameavailability", POST: checkNameAvailability },
  { path: `${inGroup}/validate`, POST: validate },
];

/**
 * Microsoft.Web: keeps plans and web apps, and tells the runtime what each app shall be.
 *
 * @param runtimeOf - makes what runs the apps; Docker containers unless told.
 */
export function web(
  runtimeOf: (context: ProviderContext) => AppServiceRuntime = containers,
): ProviderFactory {
  return resourceProvider<WebState>({
    namespace: "Microsoft.Web",
    resourceTypes: [
      "sites",
      "sites/config",
      "sites/basicPublishingCredentialsPolicies",
      "sites/hostNameBindings",
      "serverFarms",
      "checkNameAvailability",
    ].map((resourceType) => ({ resourceType, apiVersions })),
    routes,
    state: (context) => new WebState(context, runtimeOf(context)),
    remove: (state, resource) =>
      resource.type === siteType ? state.removeSite(resource as Site) : removePlan(state, resource as Plan),
    start: async (state) => {
      for (const one of state.sites()) await state.apply(one);
      await state.runtime.removeForgotten();
    },
    stop: (state) => state.runtime.stop(),
  });
}

function containers({ docker, tls, directory, clone, tokens, log }: ProviderContext): AppServiceRuntime {
  return appServiceRuntime({
    docker,
    tls,
    directory: join(directory, "sites"),
    clone,
    log,
    verifyToken: (token) => tokens.verify(token, [appServiceAudience]),
  });
}
