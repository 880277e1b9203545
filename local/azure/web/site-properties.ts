import { type Json, objectIn } from "./body.ts";
import { invalidParameter } from "./errors.ts";
import type { Site } from "./model.ts";
import { refuse, SITE } from "./unsupported.ts";

interface SiteProperties {
  enabled: boolean;
  httpsOnly: boolean;
  clientAffinityEnabled: boolean;
  clientCertMode: string;
  publicNetworkAccess: string | null;
}

/** The properties of a site that a client may write and that are kept, with their defaults. */
const DEFAULTS: SiteProperties = {
  enabled: true,
  httpsOnly: false,
  clientAffinityEnabled: true,
  clientCertMode: "Required",
  publicNetworkAccess: null,
};

export function sitePropertiesOf(site: Site): SiteProperties {
  return { ...DEFAULTS, ...site.properties.written };
}

/**
 * The writable ones among a body's `properties`; the others are read-only or unknown and ignored, as Azure does.
 *
 * @throws ArmError for what is not emulated, and for a wrong type.
 */
export function readSiteProperties(body: Json): Json {
  const given = objectIn(body, "properties");
  refuse(given, SITE, "properties.");
  const read: Json = {};
  for (const [name, fallback] of Object.entries(DEFAULTS)) {
    const value = given[name] ?? null;
    if (value === null) continue;
    if (typeof value !== typeof (fallback ?? "")) throw invalidParameter(name);
    read[name] = value;
  }
  return read;
}
