import type { PortBook } from "../../net/ports.ts";
import { serialQueue } from "../../system/serial-queue.ts";
import type {
  ArmRequest,
  ArmResponse,
  Method,
  ProviderContext,
  ResourceProvider,
  Route,
} from "../core/types.ts";
import { containerLogs, listDeployments, listHostNameBindings, restartSite, setStopped } from "./actions.ts";
import { listSettings, putSettings } from "./app-settings.ts";
import {
  getAuth,
  getAuthV2,
  getLogs,
  getSlotConfigNames,
  putAuth,
  putAuthV2,
  putLogs,
  putSlotConfigNames,
} from "./config-children.ts";
import { getPolicy, listPolicies, listPublishingCredentials, publishXml, putPolicy } from "./publishing.ts";
import type { AppServiceRuntime } from "./runtime/types.ts";
import {
  deletePlan,
  getPlan,
  listPlanSites,
  listPlans,
  patchPlan,
  putPlan,
  removePlan,
} from "./server-farms.ts";
import { getWebConfig, listConfigs, writeWebConfig } from "./site-config-view.ts";
import { deleteSite, getSite, listSites, patchSite, putSite } from "./sites.ts";
import { type Plan, type Site, siteType, WebState } from "./state.ts";
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

const inSubscription = "/subscriptions/{subscriptionId}/providers/Microsoft.Web";
const inGroup = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Web";
const plan = `${inGroup}/serverfarms/{name}`;
const site = `${inGroup}/sites/{name}`;
const policies = `${site}/basicPublishingCredentialsPolicies`;

type Handler = (state: WebState, request: ArmRequest) => ArmResponse | Promise<ArmResponse>;
type Handlers = Partial<Record<Method, Handler>>;

/** The App Service control plane: plans, web apps, their configuration and their actions. */
const routes: Record<string, Handlers> = {
  [`${inSubscription}/serverfarms`]: { GET: listPlans },
  [`${inGroup}/serverfarms`]: { GET: listPlans },
  [plan]: { GET: getPlan, PUT: putPlan, PATCH: patchPlan, DELETE: deletePlan },
  [`${plan}/sites`]: { GET: listPlanSites },

  [`${inSubscription}/sites`]: { GET: listSites },
  [`${inGroup}/sites`]: { GET: listSites },
  [site]: { GET: getSite, PUT: putSite, PATCH: patchSite, DELETE: deleteSite },
  [`${site}/config`]: { GET: listConfigs },
  [`${site}/config/web`]: { GET: getWebConfig, PATCH: writeWebConfig, PUT: writeWebConfig },
  [`${site}/config/appsettings`]: { PUT: (state, request) => putSettings(state, "appSettings", request) },
  [`${site}/config/appsettings/list`]: {
    POST: (state, request) => listSettings(state, "appSettings", request),
  },
  [`${site}/config/connectionstrings`]: {
    PUT: (state, request) => putSettings(state, "connectionStrings", request),
  },
  [`${site}/config/connectionstrings/list`]: {
    POST: (state, request) => listSettings(state, "connectionStrings", request),
  },
  [`${site}/config/metadata`]: { PUT: (state, request) => putSettings(state, "metadata", request) },
  [`${site}/config/metadata/list`]: { POST: (state, request) => listSettings(state, "metadata", request) },
  [`${site}/config/slotConfigNames`]: { GET: getSlotConfigNames, PUT: putSlotConfigNames },
  [`${site}/config/logs`]: { GET: getLogs, PUT: putLogs },
  [`${site}/config/authsettings`]: { PUT: putAuth },
  [`${site}/config/authsettings/list`]: { POST: getAuth },
  [`${site}/config/authsettingsV2`]: { GET: getAuthV2, PUT: putAuthV2 },
  [`${site}/config/authsettingsV2/list`]: { GET: getAuthV2 },
  [`${site}/config/publishingcredentials/list`]: { POST: listPublishingCredentials },

  [policies]: { GET: listPolicies },
  [`${policies}/ftp`]: {
    GET: (state, request) => getPolicy(state, "ftp", request),
    PUT: (state, request) => putPolicy(state, "ftp", request),
  },
  [`${policies}/scm`]: {
    GET: (state, request) => getPolicy(state, "scm", request),
    PUT: (state, request) => putPolicy(state, "scm", request),
  },

  [`${site}/start`]: { POST: (state, request) => setStopped(state, false, request) },
  [`${site}/stop`]: { POST: (state, request) => setStopped(state, true, request) },
  [`${site}/restart`]: { POST: restartSite },
  [`${site}/containerlogs`]: { POST: containerLogs },
  [`${site}/publishxml`]: { POST: publishXml },
  [`${site}/hostNameBindings`]: { GET: listHostNameBindings },
  [`${site}/deployments`]: { GET: listDeployments },

  [`${inSubscription}/checknameavailability`]: { POST: checkNameAvailability },
  [`${inGroup}/validate`]: { POST: validate },
};

/**
 * Microsoft.Web: keeps plans and web apps, and tells the runtime what each app shall be.
 *
 * @param ports - gives each app the ports `site/NAME` and `scm/NAME`.
 */
export function webProvider(
  context: ProviderContext,
  runtime: AppServiceRuntime,
  ports: PortBook,
): ResourceProvider {
  const state = new WebState(context, runtime, ports);
  // One write at a time: each reads what the one before has stored, and a name is given away once.
  const serially = serialQueue();
  const bound = (handlers: Handlers): Route["methods"] =>
    Object.fromEntries(
      Object.entries(handlers).map(([method, handler]) => [
        method,
        method === "GET"
          ? (request: ArmRequest) => handler(state, request)
          : (request: ArmRequest) => serially(() => handler(state, request)),
      ]),
    );
  return {
    namespace: "Microsoft.Web",
    resourceTypes: [
      { resourceType: "sites", apiVersions },
      { resourceType: "sites/config", apiVersions },
      { resourceType: "sites/basicPublishingCredentialsPolicies", apiVersions },
      { resourceType: "sites/hostNameBindings", apiVersions },
      { resourceType: "serverFarms", apiVersions },
      { resourceType: "checkNameAvailability", apiVersions },
    ],
    routes: Object.entries(routes).map(([path, handlers]) => ({ path, methods: bound(handlers) })),
    remove: (resource) =>
      serially(() =>
        resource.type === siteType ? state.removeSite(resource as Site) : removePlan(state, resource as Plan),
      ),
    start: () =>
      serially(async () => {
        for (const one of state.sites()) await state.apply(one);
        await runtime.removeForgotten();
      }),
    stop: () => serially(() => runtime.stop()),
  };
}
