import { readAppSettings, textsByName } from "./app-settings.ts";
import type { Json } from "./body.ts";
import { readConnectionStrings } from "./connection-strings.ts";
import { invalidParameter, notEmulated, webError } from "./errors.ts";
import type { Plan, Site } from "./model.ts";
import { tierOf } from "./sku.ts";
import { refuse, SITE_CONFIG } from "./unsupported.ts";

/** The members of siteConfig that a client may write and that are kept, with their defaults (recorded in 2024). */
const DEFAULTS = {
  linuxFxVersion: "",
  appCommandLine: "",
  alwaysOn: false,
  http20Enabled: true,
  minTlsVersion: "1.2",
  scmMinTlsVersion: "1.2",
  ftpsState: "FtpsOnly",
  healthCheckPath: null as string | null,
  httpLoggingEnabled: false,
  logsDirectorySizeLimit: 35,
  webSocketsEnabled: false,
  use32BitWorkerProcess: true,
  managedPipelineMode: "Integrated",
  loadBalancing: "LeastRequests",
  publicNetworkAccess: null as string | null,
  defaultDocuments: [
    "Default.htm",
    "Default.html",
    "Default.asp",
    "index.htm",
    "index.html",
    "iisstart.htm",
    "default.aspx",
    "index.php",
    "hostingstart.html",
  ],
};

export type SiteConfig = typeof DEFAULTS;

export function siteConfigOf(site: Site): SiteConfig {
  return { ...DEFAULTS, ...site.properties.siteConfig };
}

/** Values that Azure knows of a member; the rest it refuses. */
const VALUES: Record<string, string[]> = {
  minTlsVersion: ["1.0", "1.1", "1.2", "1.3"],
  scmMinTlsVersion: ["1.0", "1.1", "1.2", "1.3"],
  ftpsState: ["AllAllowed", "FtpsOnly", "Disabled"],
  managedPipelineMode: ["Integrated", "Classic"],
  loadBalancing: [
    "WeightedRoundRobin",
    "LeastRequests",
    "LeastResponseTime",
    "WeightedTotalTraffic",
    "RequestHash",
    "PerSiteRoundRobin",
    "LeastRequestsWithTieBreaker",
  ],
};

/**
 * Merges a `siteConfig` into the site: absent and null members are kept; app settings and connection strings are
 * replaced as a whole.
 *
 * @param prefix - where `given` stands in the body, for the errors.
 * @throws ArmError for what is not emulated or has a wrong type or value.
 */
export function mergeSiteConfig(site: Site, given: Json, prefix: string): void {
  refuse(given, SITE_CONFIG, prefix);
  const { properties } = site;
  const { appSettings = null, connectionStrings = null, metadata = null } = given;
  if (appSettings !== null) {
    properties.appSettings = readAppSettings(textsByName(appSettings, "value", "AppSettings"));
  }
  if (connectionStrings !== null) {
    if (!Array.isArray(connectionStrings)) throw invalidParameter("ConnectionStrings");
    properties.connectionStrings = readConnectionStrings(connectionStrings);
  }
  if (metadata !== null) properties.metadata = textsByName(metadata, "value", "Metadata");
  const read: Json = {};
  for (const [name, fallback] of Object.entries(DEFAULTS)) {
    const value = given[name] ?? null;
    if (value === null) continue;
    const wellTyped = Array.isArray(fallback)
      ? Array.isArray(value) && value.every((entry) => typeof entry === "string")
      : typeof value === typeof (fallback ?? "");
    if (!wellTyped || (VALUES[name] && !VALUES[name].includes(value as string)))
      throw invalidParameter(parameterName(name));
    // az removes the image by a linuxFxVersion of one space.
    read[name] = name === "linuxFxVersion" ? (value as string).trim() : value;
  }
  checkImage(read.linuxFxVersion as string | undefined);
  checkHealthCheckPath(read.healthCheckPath as string | undefined);
  properties.siteConfig = { ...properties.siteConfig, ...read };
}

/** The rules between a site's configuration and its plan. @throws ArmError in Azure's words. */
export function checkAgainstPlan(site: Site, plan: Plan): void {
  const { linuxFxVersion, alwaysOn } = siteConfigOf(site);
  if (!plan.properties.reserved) {
    if (linuxFxVersion !== "") throw invalidParameter("LinuxFxVersion");
    throw notEmulated(
      `an app on the Windows plan '${plan.name}'`,
      "only Linux containers run; create the plan with reserved: true.",
    );
  }
  if (alwaysOn && !tierOf(plan.sku).alwaysOn) {
    throw webError(
      409,
      "Conflict",
      "There was a conflict. AlwaysOn cannot be set for this site as the plan does not allow it. For more information on pricing and features, please see: https://aka.ms/appservicepricingdetails",
    );
  }
}

function checkImage(linuxFxVersion: string | undefined): void {
  if (!linuxFxVersion) return;
  const [kind, image] = linuxFxVersion.split(/\|(.*)/s);
  if (/^docker$/i.test(kind!) && image?.trim()) return;
  if (
    /^(compose|kube|sitecontainers|dotnetcore|node|python|php|java|tomcat|jbosseap|go|ruby)$/i.test(kind!)
  ) {
    // A compose file stands in it in base64.
    const shown = linuxFxVersion.length > 40 ? `${linuxFxVersion.slice(0, 40)}…` : linuxFxVersion;
    throw notEmulated(
      `'siteConfig.linuxFxVersion' ${shown}`,
      "write DOCKER|IMAGE; only a single container runs.",
    );
  }
  throw invalidParameter("LinuxFxVersion");
}

function checkHealthCheckPath(path: string | undefined): void {
  if (path && !path.startsWith("/")) throw invalidParameter("HealthCheckPath");
}

/** Azure's errors spell parameters in Pascal case. */
function parameterName(member: string): string {
  return member.charAt(0).toUpperCase() + member.slice(1);
}
