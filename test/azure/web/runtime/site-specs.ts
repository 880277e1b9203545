import type { SiteSpec } from "../../../../local/azure/web/runtime/types.ts";

/** A site as the control plane describes it. */
export function siteSpec(
  changes: Partial<SiteSpec> = {},
  appSettings: Record<string, string> = {},
): SiteSpec {
  return {
    name: "app-test",
    id: "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Web/sites/app-test",
    resourceGroup: "rg",
    subscriptionId: "s1",
    location: "westeurope",
    sku: { name: "B1", tier: "Basic", computeMode: "Dedicated" },
    port: 40001,
    scmPort: 40002,
    linuxFxVersion: "DOCKER|localhost:5000/scoring@sha256:0123",
    appSettings,
    appCommandLine: "",
    enabled: true,
    httpsOnly: true,
    minTlsVersion: "1.2",
    http20Enabled: true,
    clientAffinityEnabled: false,
    alwaysOn: false,
    healthCheckPath: "",
    containerLogging: true,
    publishing: { user: "$app-test", password: "publishing-password", basicAuthAllowed: true },
    ...changes,
  };
}
