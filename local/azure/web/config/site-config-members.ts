import { words } from "../../../system/words.ts";
import { each, idle, kept, listOf, nested, readOnly, refused, taken } from "../../core/members.ts";
import { anything, flag, integer, is, oneOf, type Reader, text, texts } from "../../core/readers.ts";
import * as why from "../reasons.ts";
import { linuxFxVersion } from "./linux-fx-version.ts";

const tls = oneOf("1.0", "1.1", "1.2", "1.3");
const path: Reader<string> = {
  type: "a path",
  take: (value) => (typeof value === "string" && /^(\/|$)/.test(value) ? value : undefined),
};
const command: Reader<string> = {
  type: "a string without NUL characters",
  take: (value) => (typeof value === "string" && !value.includes("\0") ? value : undefined),
};
const iis = "IIS on Windows reads it.";

/** The rule that Azure itself shows as a default: everybody may come in. */
const restrictions = listOf({
  ipAddress: refused(why.access, is("Any")),
  action: refused(why.access, is("Allow")),
  ...each(idle("the rule lets everybody in."), "name description priority"),
  ...each(refused(why.access), `headers subnetMask subnetTrafficTag tag vnetSubnetResourceId vnetTrafficTag`),
});

/** What happens to whom no rule names; a GET shows it once it is written. */
const allow = { ...taken(text, null), ...refused(why.access, is("Allow")) };

/** `siteConfig` of a site, and `properties` of its config/web. Defaults as recorded in 2024. */
export const SITE_CONFIG = {
  linuxFxVersion: taken(linuxFxVersion, ""),
  appCommandLine: taken(command, ""),
  alwaysOn: taken(flag, false),
  http20Enabled: taken(flag, true),
  minTlsVersion: taken(tls, "1.2"),
  healthCheckPath: taken(path, null),
  httpLoggingEnabled: taken(flag, false),
  appSettings: listOf({ name: taken(anything), value: taken(anything) }),
  connectionStrings: listOf({
    name: taken(anything),
    connectionString: taken(anything),
    type: taken(anything),
  }),
  metadata: listOf({ name: taken(anything), value: taken(anything) }),
  scmMinTlsVersion: kept("the SCM host takes TLS 1.2 and 1.3.", taken(tls, "1.2")),
  ftpsState: {
    ...taken(oneOf("AllAllowed", "FtpsOnly", "Disabled"), "FtpsOnly"),
    ...refused("there is no FTP host; set it to Disabled.", is("Disabled", "FtpsOnly")),
  },
  logsDirectorySizeLimit: kept("a log file is followed by another at 8 MB.", taken(integer(0), 35)),
  webSocketsEnabled: kept("Linux containers always have them.", taken(flag, false)),
  use32BitWorkerProcess: kept(iis, taken(flag, true)),
  managedPipelineMode: kept(iis, taken(oneOf("Integrated", "Classic"), "Integrated")),
  loadBalancing: kept(
    "one container serves each app.",
    taken(
      oneOf(
        ...words(`WeightedRoundRobin LeastRequests LeastResponseTime WeightedTotalTraffic RequestHash
        PerSiteRoundRobin LeastRequestsWithTieBreaker`),
      ),
      "LeastRequests",
    ),
  ),
  publicNetworkAccess: { ...taken(text, null), ...refused(why.access, is("Enabled")) },
  defaultDocuments: kept(
    iis,
    taken(
      texts,
      words(`Default.htm Default.html Default.asp index.htm index.html iisstart.htm default.aspx index.php
      hostingstart.html`),
    ),
  ),
  ...each(
    refused(why.identities),
    `acrUseManagedIdentityCreds acrUserManagedIdentityID managedServiceIdentityId
    xManagedServiceIdentityId`,
  ),
  keyVaultReferenceIdentity: refused(why.identities, is("SystemAssigned")),
  ipSecurityRestrictions: restrictions,
  scmIpSecurityRestrictions: restrictions,
  ipSecurityRestrictionsDefaultAction: allow,
  scmIpSecurityRestrictionsDefaultAction: allow,
  scmIpSecurityRestrictionsUseMain: refused(why.access),
  ...each(refused(why.network), "vnetName vnetRouteAllEnabled vnetPrivatePortsCount"),
  azureStorageAccounts: refused(why.storage),
  cors: nested(
    each(
      refused("the front end answers no CORS requests; let the app do so."),
      "allowedOrigins supportCredentials",
    ),
  ),
  experiments: nested({ rampUpRules: refused("there are no slots to route to.") }),
  autoSwapSlotName: refused("there are no slots."),
  ...each(refused("auto-heal is not emulated."), "autoHealEnabled autoHealRules"),
  push: refused("push notifications are not emulated."),
  apiDefinition: nested({ url: refused("API definitions are not published.") }),
  apiManagementConfig: nested({ id: refused("API Management is not emulated.") }),
  scmType: refused("the SCM host deploys nothing; push an image instead.", is("None")),
  remoteDebuggingEnabled: refused("there is no remote debugger."),
  remoteDebuggingVersion: idle("it matters with remoteDebuggingEnabled only, which is refused."),
  ...each(
    refused(why.windows),
    `requestTracingEnabled detailedErrorLoggingEnabled tracingOptions handlerMappings documentRoot
    websiteTimeZone localMySqlEnabled windowsFxVersion`,
  ),
  requestTracingExpirationTime: idle("it matters with requestTracingEnabled only, which is refused."),
  limits: refused("the container's resources are not limited."),
  // The one that a GET shows.
  virtualApplications: listOf({
    virtualPath: refused(why.windows, is("/")),
    physicalPath: refused(why.windows, is("site\\wwwroot")),
    virtualDirectories: refused(why.windows),
    preloadEnabled: idle("alwaysOn decides it."),
  }),
  // What Azure shows, and what azure-native sends of itself.
  netFrameworkVersion: refused(why.windows, is("v4.0", "v4.6")),
  ...each(
    refused(why.code),
    `phpVersion pythonVersion nodeVersion powerShellVersion javaVersion javaContainer
    javaContainerVersion`,
  ),
  http20ProxyFlag: refused("the container is reached by HTTP/1.1."),
  minTlsCipherSuite: refused("the front end takes Node's own cipher suites."),
  numberOfWorkers: refused(why.scaling, is(1)),
  ...each(refused(why.scaling), `preWarmedInstanceCount minimumElasticInstanceCount elasticWebAppScaleLimit`),
  ...each(refused(why.functions), `functionAppScaleLimit functionsRuntimeScaleMonitoringEnabled`),
  publishingUsername: idle(`it is the app's name after a "$".`),
  ...each(readOnly, "publishingPassword machineKey"),
};
