import type { EmulatedType } from "../../docs/differences.mts";
import { type Answer, apiVersion } from "./local-azure.ts";
import { location, type WebApps } from "./web/web-apps.ts";

/** The SDK's name of each type. */
export const tokens: Record<string, string> = {
  "Resource group": "resources:ResourceGroup",
  Registry: "containerregistry:Registry",
  Plan: "web:AppServicePlan",
  "Web app": "web:WebApp",
  "`config/web` and `siteConfig`": "inputs web.SiteConfigArgs",
  "`config/appsettings`": "web:WebAppApplicationSettings",
  "`config/connectionstrings`": "web:WebAppConnectionStrings",
  "`config/metadata`": "web:WebAppMetadata",
  "`config/azurestorageaccounts`": "web:WebAppAzureStorageAccounts",
  "`config/slotConfigNames`": "web:WebAppSlotConfigurationNames",
  "`config/logs`": "web:WebAppDiagnosticLogsConfiguration",
  "`config/authsettings`": "web:WebAppAuthSettings",
  "`config/authsettingsV2`": "web:WebAppAuthSettingsV2",
  "Policy `scm`": "web:WebAppScmAllowed",
  "Policy `ftp`": "web:WebAppFtpAllowed",
};

/** The id in the current group, in which the plan and the app have their names. */
export function idOf(web: WebApps, path: string): string {
  const names = path
    .replace("{registryName}", web.siteName.replace("app-", "crtest"))
    .replace("serverfarms/{name}", "serverfarms/plan")
    .replace("{name}", web.siteName);
  return `${web.group}${names}`;
}

/** A body that the type takes. */
export function baseOf(web: WebApps, { title }: EmulatedType): Record<string, unknown> {
  if (title === "Resource group") return { location };
  if (title === "Registry") return { location, sku: { name: "Basic" }, properties: {} };
  if (title === "Plan") return { location, sku: { name: "B1" }, properties: { reserved: true } };
  if (title === "Web app") return { location, properties: { serverFarmId: web.planId } };
  return { properties: title.startsWith("Policy") ? { allow: true } : {} };
}

/** One body over another. */
export function merged(a: unknown, b: unknown): unknown {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(b))
    return b;
  const both = { ...a, ...b } as Record<string, unknown>;
  for (const name of Object.keys(a)) {
    if (name in b) both[name] = merged((a as typeof both)[name], (b as typeof both)[name]);
  }
  return both;
}

/** As a client reads it: what has secrets is read by a POST. */
export async function readBack(web: WebApps, path: string, version = apiVersion): Promise<Answer> {
  const answer = await web.arm("GET", `${idOf(web, path)}?api-version=${version}`);
  return answer.status === 405 ? web.arm("POST", `${idOf(web, path)}/list?api-version=${version}`) : answer;
}

/** A group, a plan and an app are there in each test. */
export async function made(web: WebApps, type: EmulatedType): Promise<void> {
  if (type.title === "Registry") await web.arm("PUT", idOf(web, type.path), baseOf(web, type));
}
