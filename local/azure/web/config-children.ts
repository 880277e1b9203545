import { displayLocation } from "../core/locations.ts";
import type { ArmRequest, ArmResponse } from "../core/types.ts";
import { configChild } from "./app-settings.ts";
import { bodyOf, isObject, type Json, objectIn } from "./body.ts";
import { invalidParameter, notEmulated } from "./errors.ts";
import { type Site, siteType } from "./model.ts";
import { siteConfigOf } from "./site-config.ts";
import type { WebState } from "./state.ts";
import { LOGS, refuse } from "./unsupported.ts";

export function getLogs(state: WebState, request: ArmRequest): ArmResponse {
  return { status: 200, body: logsView(state.site(request)) };
}

/** PUT config/logs. Its file-system log is the container log that siteConfig.httpLoggingEnabled switches, too. */
export async function putLogs(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const given = objectIn(bodyOf(request), "properties");
  refuse(given, LOGS, "properties.");
  const fileSystem = objectIn(objectIn(given, "httpLogs"), "fileSystem");
  const { enabled = false, retentionInMb = 35, retentionInDays = 0 } = fileSystem;
  if (typeof enabled !== "boolean") throw invalidParameter("HttpLogs.FileSystem.Enabled");
  if (!isInteger(retentionInMb) || retentionInMb < 25 || retentionInMb > 100) {
    throw invalidParameter("HttpLogs.FileSystem.RetentionInMb");
  }
  if (!isInteger(retentionInDays) || retentionInDays < 0)
    throw invalidParameter("HttpLogs.FileSystem.RetentionInDays");
  const { properties } = site;
  const saved = await state.save({
    ...site,
    properties: {
      ...properties,
      siteConfig: { ...properties.siteConfig, httpLoggingEnabled: enabled },
      logs: { retentionInMb, retentionInDays },
    },
  });
  return { status: 200, body: logsView(saved) };
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function logsView(site: Site): Json {
  const off = { level: "Off", sasUrl: null };
  return configChild(site, "logs", {
    applicationLogs: {
      fileSystem: { level: "Off" },
      azureTableStorage: off,
      azureBlobStorage: { ...off, retentionInDays: null },
    },
    httpLogs: {
      fileSystem: {
        retentionInMb: 35,
        retentionInDays: 0,
        ...site.properties.logs,
        enabled: siteConfigOf(site).httpLoggingEnabled,
      },
      azureBlobStorage: { sasUrl: null, retentionInDays: 0, enabled: false },
    },
    failedRequestsTracing: { enabled: false },
    detailedErrorMessages: { enabled: false },
  });
}

const slotNames = ["connectionStringNames", "appSettingNames", "azureStorageConfigNames"];

export function getSlotConfigNames(state: WebState, request: ArmRequest): ArmResponse {
  return { status: 200, body: slotConfigNamesView(state.site(request)) };
}

/** Which settings would stay at a swap: kept and shown, since there are no slots to swap with. */
export async function putSlotConfigNames(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const given = objectIn(bodyOf(request), "properties");
  const slotConfigNames: Json = {};
  for (const name of slotNames) {
    const value = given[name] ?? null;
    const texts = Array.isArray(value) && value.every((entry) => typeof entry === "string");
    if (value !== null && !texts) throw invalidParameter(name);
    slotConfigNames[name] = value;
  }
  const saved = { ...site, properties: { ...site.properties, slotConfigNames } };
  await state.context.store.put(saved);
  return { status: 200, body: slotConfigNamesView(saved) };
}

function slotConfigNamesView(site: Site): Json {
  return {
    id: null,
    name: site.name,
    type: siteType,
    location: displayLocation(site.location),
    ...(site.tags && { tags: site.tags }),
    properties: {
      ...Object.fromEntries(slotNames.map((name) => [name, null])),
      ...site.properties.slotConfigNames,
    },
  };
}

/** GET config/authsettingsV2: App Service Authentication is off. */
export function getAuthV2(state: WebState, request: ArmRequest): ArmResponse {
  return { status: 200, body: authV2View(state.site(request)) };
}

export function putAuthV2(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  const given = objectIn(bodyOf(request), "properties");
  const platform = objectIn(given, "platform");
  if (platform.enabled) throw noAuthentication("properties.platform.enabled");
  const settings = Object.entries(given).filter(([name, value]) => name !== "platform" && !isEmpty(value));
  if (settings[0]) throw noAuthentication(`properties.${settings[0][0]}`);
  return { status: 200, body: authV2View(site) };
}

function authV2View(site: Site): Json {
  return configChild(site, "authsettingsV2", {
    platform: { enabled: false, runtimeVersion: "~1" },
    globalValidation: {},
    identityProviders: {},
    login: {},
    httpSettings: {},
  });
}

/** POST config/authsettings/list, and PUT config/authsettings with `enabled: false`. */
export function getAuth(state: WebState, request: ArmRequest): ArmResponse {
  return { status: 200, body: configChild(state.site(request), "authsettings", { enabled: false }) };
}

export function putAuth(state: WebState, request: ArmRequest): ArmResponse {
  const given = objectIn(bodyOf(request), "properties");
  const setting = Object.entries(given).find(([, value]) => !isEmpty(value));
  if (setting) throw noAuthentication(`properties.${setting[0]}`);
  return getAuth(state, request);
}

function noAuthentication(path: string) {
  return notEmulated(`'${path}'`, "there is no App Service Authentication; let the app check its callers.");
}

/** Settings that change nothing: absent, false, empty, or objects of such. */
function isEmpty(value: unknown): boolean {
  if (isObject(value)) return Object.values(value).every(isEmpty);
  return !value || (Array.isArray(value) && value.length === 0);
}
