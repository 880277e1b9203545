import { createHash } from "node:crypto";
import { each } from "../../core/members.ts";
import type { Json } from "../body.ts";
import { siteConfigOf } from "../config/site-config.ts";
import { envelopeOf, groupOf, type Plan, type Site } from "../model.ts";
import { webSpace } from "../plans/view.ts";
import { publishingUser } from "../spec.ts";
import { kindOf, sitePropertiesOf } from "./properties.ts";

export function hostOf(site: Site): string {
  return `localhost:${site.properties.port}`;
}

export function scmHostOf(site: Site): string {
  return `localhost:${site.properties.scmPort}`;
}

/** The time of the last write in ticks of 100 ns since 1601, in hexadecimal, as Azure writes it. */
export function etag(site: Site): string {
  const ticks = BigInt(Date.parse(site.properties.modified)) * 10_000n + 116_444_736_000_000_000n;
  return ticks.toString(16).toUpperCase();
}

/** What a GET says of all that cannot be changed here. */
const FIXED: Json = {
  ...each(
    null,
    `selfLink owner targetSwapSlot hostingEnvironment hostingEnvironmentProfile clientCertExclusionPaths
    ftpsHostName suspendedTill cloningInfo slotSwapStatus virtualNetworkSubnetId`,
  ),
  ...each(
    false,
    `afdEnabled isXenon hyperV vnetRouteAllEnabled vnetImagePullEnabled vnetContentShareEnabled
    scmSiteAlsoStopped clientCertEnabled hostNamesDisabled endToEndEncryptionEnabled storageAccountRequired`,
  ),
  ...each("Normal", "usageState availabilityState contentAvailabilityState runtimeAvailabilityState"),
  ...each(
    "127.0.0.1",
    "inboundIpAddress possibleInboundIpAddresses outboundIpAddresses possibleOutboundIpAddresses",
  ),
  ...each(0, "containerSize dailyMemoryTimeQuota"),
  adminEnabled: true,
  csrs: [],
  storageRecoveryDefaultState: "Running",
  dnsConfiguration: {},
  ipMode: "IPv4",
  homeStamp: "local",
  redundancyMode: "None",
  eligibleLogCategories: "",
  keyVaultReferenceIdentity: "SystemAssigned",
  defaultHostNameScope: "Global",
};

/**
 * A site as Microsoft.Web answers it: of siteConfig a few members only, and nothing secret.
 *
 * @param answer - `put`: the answer to a write, whose siteConfig is stale where `siteProperties` is not.
 */
export function renderSite(site: Site, plan: Plan, answer: "get" | "put"): Json {
  const { id, name, tags, properties } = site;
  const { enabled, httpsOnly, clientAffinityEnabled, clientCertMode, publicNetworkAccess } =
    sitePropertiesOf(site);
  const host = hostOf(site);
  const scmHost = scmHostOf(site);
  const kind = kindOf(site);
  const state = properties.stopped || !enabled ? "Stopped" : "Running";
  return {
    ...envelopeOf(site),
    kind,
    properties: {
      ...FIXED,
      name,
      state,
      hostNames: [host],
      webSpace: webSpace(plan),
      repositorySiteName: name,
      enabled,
      enabledHostNames: [host, scmHost],
      siteProperties: {
        metadata: null,
        properties: [
          { name: "LinuxFxVersion", value: siteConfigOf(site).linuxFxVersion },
          { name: "WindowsFxVersion", value: null },
        ],
        appSettings: null,
      },
      hostNameSslStates: [sslState(host, "Standard"), sslState(scmHost, "Repository")],
      serverFarmId: plan.id,
      reserved: plan.properties.reserved,
      lastModifiedTimeUtc: properties.modified.replace("Z", ""),
      siteConfig: partialSiteConfig(site, answer),
      deploymentId: name,
      sku: plan.sku.tier,
      clientAffinityEnabled,
      clientCertMode,
      customDomainVerificationId: createHash("sha256").update(id.split("/")[2]!).digest("hex").toUpperCase(),
      kind,
      ftpUsername: `${name}\\${publishingUser(site)}`,
      tags: tags ?? null,
      resourceGroup: groupOf(site),
      defaultHostName: host,
      httpsOnly,
      privateEndpointConnections: answer === "put" ? null : [],
      publicNetworkAccess,
    },
  };
}

function partialSiteConfig(site: Site, answer: "get" | "put"): Json {
  const { linuxFxVersion, alwaysOn, http20Enabled } = siteConfigOf(site);
  return {
    numberOfWorkers: 1,
    linuxFxVersion: answer === "put" ? "" : linuxFxVersion,
    acrUseManagedIdentityCreds: false,
    alwaysOn,
    http20Enabled: answer === "put" ? false : http20Enabled,
    functionAppScaleLimit: 0,
    minimumElasticInstanceCount: 0,
    ...each(null, "appSettings connectionStrings metadata publishingUsername ipSecurityRestrictions"),
  };
}

function sslState(name: string, hostType: "Standard" | "Repository"): Json {
  return {
    name,
    sslState: "Disabled",
    ipBasedSslState: "NotConfigured",
    ...each(null, "ipBasedSslResult virtualIP thumbprint toUpdate toUpdateIpBasedSsl"),
    hostType,
  };
}
