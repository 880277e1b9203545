import { join } from "node:path";
import { words } from "../../system/words.ts";
import { appServiceAudience } from "../core/metadata.ts";
import { ok } from "../core/ok.ts";
import {
  type Handler,
  type ProviderContext,
  type ProviderFactory,
  type RouteRow,
  resourceProvider,
} from "../core/provider.ts";
import { type Json, listOf } from "./body.ts";
import * as children from "./config/children.ts";
import { PUBLISH_XML } from "./config/members.ts";
import * as publishing from "./config/publishing.ts";
import { putSettings, settingsView } from "./config/settings.ts";
import { configsView, webConfigView, writeWebConfig } from "./config/web-config.ts";
import { type Plan, type Site, siteType } from "./model.ts";
import * as plans from "./plans/handlers.ts";
import { appServiceRuntime } from "./runtime/runtime.ts";
import type { AppServiceRuntime } from "./runtime/types.ts";
import * as actions from "./sites/actions.ts";
import * as sites from "./sites/handlers.ts";
import { WebState } from "./state.ts";
import { checkNameAvailability, NAME_CHECK, VALIDATION, validate } from "./validation.ts";

const apiVersions = words("2025-05-01 2025-03-01 2024-11-01 2024-04-01 2023-12-01 2023-01-01 2022-09-01");

const inGroup = "{group}/providers/Microsoft.Web";
const lists = { scopes: ["subscription", "group"] } as const;
const plan = `${inGroup}/serverfarms/{name}`;
const site = `${inGroup}/sites/{name}`;
const policies = `${site}/basicPublishingCredentialsPolicies`;

/** What clients list of an app and cannot make here. */
const none = words("deployments slots siteContainers backups snapshots privateEndpointConnections");

/** A request for what can be seen of a site. */
const show =
  (view: (site: Site) => Json): Handler<WebState> =>
  (state, request) =>
    ok(view(state.site(request)));

/** The App Service control plane: plans, web apps, their configuration and their actions. */
const routes: RouteRow<WebState>[] = [
  { path: "{scope}/providers/Microsoft.Web/serverfarms", ...lists, GET: plans.list },
  { path: plan, GET: plans.get, PUT: plans.put, PATCH: plans.patch, DELETE: plans.remove },
  { path: `${plan}/sites`, GET: plans.listSites },

  { path: "{scope}/providers/Microsoft.Web/sites", ...lists, GET: sites.list },
  { path: site, GET: sites.get, PUT: sites.put, PATCH: sites.patch, DELETE: sites.remove },
  { path: `${site}/config`, GET: show(configsView) },
  { path: `${site}/config/web`, GET: show(webConfigView), PATCH: writeWebConfig, PUT: writeWebConfig },
  ...(["appSettings", "connectionStrings", "metadata"] as const).flatMap((kept): RouteRow<WebState>[] => [
    { path: `${site}/config/${kept}`, PUT: (state, request) => putSettings(state, kept, request) },
    { path: `${site}/config/${kept}/list`, POST: show((one) => settingsView(one, kept)) },
  ]),
  {
    path: `${site}/config/slotConfigNames`,
    GET: show(children.slotConfigNamesView),
    PUT: children.putSlotConfigNames,
  },
  { path: `${site}/config/logs`, GET: show(children.logsView), PUT: children.putLogs },
  { path: `${site}/config/azurestorageaccounts`, PUT: children.putStorageAccounts },
  { path: `${site}/config/azurestorageaccounts/list`, POST: show(children.storageAccountsView) },
  { path: `${site}/config/backup/list`, POST: show(children.noBackup) },
  { path: `${site}/config/authsettings`, PUT: children.putAuth },
  { path: `${site}/config/authsettings/list`, POST: show(children.authView) },
  { path: `${site}/config/authsettingsV2`, GET: show(children.authV2View), PUT: children.putAuthV2 },
  { path: `${site}/config/authsettingsV2/list`, GET: show(children.authV2View) },
  { path: `${site}/config/publishingcredentials/list`, POST: show(publishing.publishingCredentials) },

  { path: policies, GET: show(publishing.policiesView) },
  ...(["ftp", "scm"] as const).map(
    (name): RouteRow<WebState> => ({
      path: `${policies}/${name}`,
      GET: show((one) => publishing.policyView(one, name)),
      PUT: (state, request) => publishing.putPolicy(state, name, request),
    }),
  ),

  { path: `${site}/start`, POST: (state, request) => actions.setStopped(state, false, request) },
  { path: `${site}/stop`, POST: (state, request) => actions.setStopped(state, true, request) },
  { path: `${site}/restart`, POST: actions.restartSite },
  { path: `${site}/containerlogs`, POST: actions.containerLogs },
  { path: `${site}/publishxml`, body: PUBLISH_XML, POST: publishing.publishXml },
  { path: `${site}/hostNameBindings`, GET: show(actions.hostNameBindings) },
  { path: `${site}/sourcecontrols/web`, GET: show(children.sourceControlView) },
  ...none.map((name): RouteRow<WebState> => ({ path: `${site}/${name}`, GET: show(() => listOf([])) })),
  { path: "{scope}/providers/Microsoft.Web/certificates", ...lists, GET: () => ok(listOf([])) },

  {
    path: "{subscription}/providers/Microsoft.Web/checknameavailability",
    body: NAME_CHECK,
    POST: checkNameAvailability,
  },
  { path: `${inGroup}/validate`, body: VALIDATION, POST: validate },
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
    resourceTypes: words(
      `sites sites/config sites/basicPublishingCredentialsPolicies sites/hostNameBindings serverFarms
      checkNameAvailability`,
    ).map((resourceType) => ({ resourceType, apiVersions })),
    routes,
    state: (context) => new WebState(context, runtimeOf(context)),
    remove: (state, resource) =>
      resource.type === siteType
        ? state.removeSite(resource as Site)
        : plans.removePlan(state, resource as Plan),
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
