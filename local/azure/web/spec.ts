import { connectionStringVariables } from "./config/connection-strings.ts";
import { siteConfigOf } from "./config/site-config.ts";
import { groupOf, type Plan, type Site } from "./model.ts";
import { tierOf } from "./plans/sku.ts";
import type { SiteSpec } from "./runtime/types.ts";
import { sitePropertiesOf } from "./sites/properties.ts";

/** What the runtime has to know of a site. */
export function siteSpec(site: Site, plan: Plan, subscriptionId: string): SiteSpec {
  const { properties } = site;
  const { tier, computeMode } = tierOf(plan.sku);
  const config = siteConfigOf(site);
  const { enabled, httpsOnly, clientAffinityEnabled } = sitePropertiesOf(site);
  return {
    name: site.name,
    id: site.id,
    resourceGroup: groupOf(site),
    subscriptionId,
    location: site.location,
    sku: { name: plan.sku.name, tier, computeMode },
    port: properties.port,
    scmPort: properties.scmPort,
    linuxFxVersion: config.linuxFxVersion,
    appSettings: { ...properties.appSettings, ...connectionStringVariables(properties.connectionStrings) },
    appCommandLine: config.appCommandLine,
    enabled: enabled && !properties.stopped,
    httpsOnly,
    minTlsVersion: config.minTlsVersion === "1.3" ? "1.3" : "1.2",
    http20Enabled: config.http20Enabled,
    clientAffinityEnabled,
    alwaysOn: config.alwaysOn,
    healthCheckPath: config.healthCheckPath ?? "",
    containerLogging: config.httpLoggingEnabled,
    publishing: {
      user: publishingUser(site),
      password: properties.publishingPassword,
      basicAuthAllowed: properties.basicAuth.scm,
    },
  };
}

export function publishingUser(site: Site): string {
  return `$${site.name}`;
}
