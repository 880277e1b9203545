import { each, fallbacksOf } from "../../core/members.ts";
import { ok } from "../../core/ok.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { type Json, membersOf } from "../body.ts";
import { webError } from "../errors.ts";
import { configChild, configType, envelopeOf, type Site, siteType } from "../model.ts";
import type { WebState } from "../state.ts";
import { AUTH_SETTINGS, AUTH_SETTINGS_V2, LOGS, SLOT_CONFIG_NAMES, STORAGE_ACCOUNTS } from "./members.ts";
import { siteConfigOf } from "./site-config.ts";

const httpLogFile = LOGS.properties.members.httpLogs.members.fileSystem.members;

/** PUT config/logs. Its file-system log is the container log that siteConfig.httpLoggingEnabled switches, too. */
export async function putLogs(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const { properties: given = {} } = membersOf(LOGS, request, `${configType}/logs`);
  const { enabled, ...logs } = { ...fallbacksOf(httpLogFile), ...given.httpLogs?.fileSystem };
  const siteConfig = { ...site.properties.siteConfig, httpLoggingEnabled: enabled };
  const saved = await state.save({ ...site, properties: { ...site.properties, siteConfig, logs } });
  return ok(logsView(saved));
}

/** GET config/logs. */
export function logsView(site: Site): Json {
  const off = { level: "Off", sasUrl: null };
  return configChild(site, "logs", {
    applicationLogs: {
      fileSystem: { level: "Off" },
      azureTableStorage: off,
      azureBlobStorage: { ...off, retentionInDays: null },
    },
    httpLogs: {
      fileSystem: {
        ...fallbacksOf(httpLogFile),
        ...site.properties.logs,
        enabled: siteConfigOf(site).httpLoggingEnabled,
      },
      azureBlobStorage: { sasUrl: null, retentionInDays: 0, enabled: false },
    },
    failedRequestsTracing: { enabled: false },
    detailedErrorMessages: { enabled: false },
  });
}

/** Which settings would stay at a swap: kept and shown, since there are no slots to swap with. */
export async function putSlotConfigNames(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const owner = `${configType}/slotConfigNames`;
  const { properties: slotConfigNames = {} } = membersOf(SLOT_CONFIG_NAMES, request, owner);
  const saved = { ...site, properties: { ...site.properties, slotConfigNames } };
  await state.context.store.put(saved);
  return ok(slotConfigNamesView(saved));
}

/** GET config/slotConfigNames. */
export function slotConfigNamesView(site: Site): Json {
  return {
    ...envelopeOf(site, siteType),
    id: null,
    properties: { ...fallbacksOf(SLOT_CONFIG_NAMES.properties.members), ...site.properties.slotConfigNames },
  };
}

export function putAuthV2(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  membersOf(AUTH_SETTINGS_V2, request, `${configType}/authsettingsV2`);
  return ok(authV2View(site));
}

/** GET config/authsettingsV2: App Service Authentication is off. */
export function authV2View(site: Site): Json {
  return configChild(site, "authsettingsV2", {
    platform: { enabled: false, runtimeVersion: "~1" },
    ...each({}, "globalValidation identityProviders login httpSettings"),
  });
}

/** POST config/authsettings/list. */
export function authView(site: Site): Json {
  return configChild(site, "authsettings", { enabled: false });
}

export function putAuth(state: WebState, request: ArmRequest): ArmResponse {
  membersOf(AUTH_SETTINGS, request, `${configType}/authsettings`);
  return ok(authView(state.site(request)));
}

export function putStorageAccounts(state: WebState, request: ArmRequest): ArmResponse {
  membersOf(STORAGE_ACCOUNTS, request, `${configType}/azurestorageaccounts`);
  return ok(storageAccountsView(state.site(request)));
}

/** POST config/azurestorageaccounts/list. */
export function storageAccountsView(site: Site): Json {
  return configChild(site, "azurestorageaccounts", {});
}

/** POST config/backup/list: Azure answers 404 where there is none, in words that are not known. */
export function noBackup(site: Site): never {
  throw webError("NotFound", "Backup configuration not found for site '{0}'.", [site.name]);
}

/** GET sourcecontrols/web: images are the only way to deploy. */
export function sourceControlView(site: Site): Json {
  return {
    ...envelopeOf(site, "Microsoft.Web/sites/sourcecontrols"),
    id: `${site.id}/sourcecontrols/web`,
    properties: {
      ...each(null, "repoUrl branch gitHubActionConfiguration"),
      ...each(false, "isManualIntegration isGitHubAction deploymentRollbackEnabled isMercurial"),
    },
  };
}
