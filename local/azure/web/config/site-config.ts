import { notEmulated } from "../../core/errors.ts";
import { fallbacksOf, type Taken } from "../../core/members.ts";
import { invalidParameter, webError } from "../errors.ts";
import type { Plan, Site } from "../model.ts";
import { tierOf } from "../plans/sku.ts";
import { readAppSettings, textsByName } from "./app-settings.ts";
import { readConnectionStrings } from "./connection-strings.ts";
import { SITE_CONFIG } from "./site-config-members.ts";

const defaults = fallbacksOf(SITE_CONFIG);

export type SiteConfig = typeof defaults;

export function siteConfigOf(site: Site): SiteConfig {
  return { ...defaults, ...site.properties.siteConfig };
}

/**
 * Merges a `siteConfig` into the site: absent members are kept; app settings and connection strings are replaced as
 * a whole.
 *
 * @throws ArmError for what is not emulated or has a wrong type or value.
 */
export function mergeSiteConfig(site: Site, given: Taken<typeof SITE_CONFIG>): void {
  const { appSettings, connectionStrings, metadata, ...members } = given;
  const { properties } = site;
  if (appSettings) properties.appSettings = readAppSettings(textsByName(appSettings, "AppSettings"));
  if (connectionStrings) properties.connectionStrings = readConnectionStrings(connectionStrings);
  if (metadata) properties.metadata = textsByName(metadata, "Metadata");
  const kept = Object.entries(members).filter(([name]) => Object.hasOwn(defaults, name));
  properties.siteConfig = { ...properties.siteConfig, ...Object.fromEntries(kept) };
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
      "Conflict",
      "There was a conflict. AlwaysOn cannot be set for this site as the plan does not allow it. For more information on pricing and features, please see: https://aka.ms/appservicepricingdetails",
    );
  }
}
