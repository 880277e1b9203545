import { fallbacksOf, type Taken } from "../../core/members.ts";
import { siteConfigOf } from "../config/site-config.ts";
import type { Site } from "../model.ts";
import { SITE_PROPERTIES } from "./members.ts";

const defaults = fallbacksOf(SITE_PROPERTIES);

/** The properties of a site that a client may write and that are kept. */
export function sitePropertiesOf(site: Site): typeof defaults {
  return { ...defaults, ...site.properties.written };
}

/** Those that are given, over what was written before. */
export function writeSiteProperties(site: Site, given: Taken<typeof SITE_PROPERTIES>): void {
  const kept = Object.entries(given).filter(([name]) => Object.hasOwn(defaults, name));
  site.properties.written = { ...site.properties.written, ...Object.fromEntries(kept) };
}

/** Azure derives it: Linux from the plan, container from the image. */
export function kindOf(site: Site): string {
  return siteConfigOf(site).linuxFxVersion ? "app,linux,container" : "app,linux";
}
