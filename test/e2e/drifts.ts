import type { Relied } from "../../components/azure/relied.ts";
import { PLAN_MEMBERS } from "../../components/hosting/plan.ts";
import { SITE_CONFIG_MEMBERS, SITE_MEMBERS } from "../../components/hosting/web-app.ts";
import { REGISTRY_MEMBERS } from "../../components/image/registry.ts";

/** What a member is changed to; or that local Azure has nothing that acts on another value, and refuses it. */
type Drift = Record<string, { to: unknown } | { refused: unknown } | "decided when it is made">;
const REFUSED = { refused: true };
const TO = (to: unknown) => ({ to });
export const MADE = "decided when it is made" as const;

interface Table {
  table: Relied;
  path: string;
  at: string[];
  drift: Drift;
}

/** Each table of members, where the resource and the members are, and what they are changed to. */
export const drifts = (site: string, registry: string): Table[] => [
  {
    table: PLAN_MEMBERS,
    path: "Microsoft.Web/serverfarms/asp-azure-ml-scoring-dev",
    at: ["properties"],
    drift: {
      kind: MADE,
      reserved: MADE,
      perSiteScaling: REFUSED,
      elasticScaleEnabled: REFUSED,
      zoneRedundant: REFUSED,
    },
  },
  {
    table: { sku: REGISTRY_MEMBERS.sku },
    path: registry,
    at: [],
    drift: { sku: TO({ name: "Standard" }) },
  },
  {
    table: Object.fromEntries(Object.entries(REGISTRY_MEMBERS).filter(([member]) => member !== "sku")),
    path: registry,
    at: ["properties"],
    drift: {
      adminUserEnabled: TO(false),
      anonymousPullEnabled: REFUSED,
      publicNetworkAccess: { refused: "Disabled" },
    },
  },
  {
    table: SITE_MEMBERS,
    path: site,
    at: ["properties"],
    drift: {
      kind: MADE,
      reserved: MADE,
      enabled: TO(false),
      publicNetworkAccess: { refused: "Disabled" },
      httpsOnly: TO(false),
      clientAffinityEnabled: TO(true),
      clientCertEnabled: REFUSED,
      hostNamesDisabled: REFUSED,
    },
  },
  {
    table: SITE_CONFIG_MEMBERS,
    path: `${site}/config/web`,
    at: ["properties"],
    drift: {
      appCommandLine: TO("node other.js"),
      acrUseManagedIdentityCreds: REFUSED,
      alwaysOn: TO(false),
      ftpsState: TO("FtpsOnly"),
      healthCheckPath: TO("/"),
      http20Enabled: TO(false),
      http20ProxyFlag: { refused: 1 },
      httpLoggingEnabled: TO(false),
      minTlsVersion: TO("1.3"),
      scmMinTlsVersion: TO("1.3"),
    },
  },
];
