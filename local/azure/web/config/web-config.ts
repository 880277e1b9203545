import { each } from "../../core/members.ts";
import { ok } from "../../core/ok.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { type Json, listOf, membersOf } from "../body.ts";
import { configType, envelopeOf, type Site, siteType } from "../model.ts";
import { etag } from "../sites/view.ts";
import { publishingUser } from "../spec.ts";
import type { WebState } from "../state.ts";
import { WEB_CONFIG } from "./members.ts";
import { checkAgainstPlan, mergeSiteConfig, siteConfigOf } from "./site-config.ts";

const allowAll = {
  ipAddress: "Any",
  action: "Allow",
  priority: 2147483647,
  name: "Allow all",
  description: "Allow all access",
};

/** What config/web says of all that cannot be changed here. */
const FIXED: Json = {
  ...each(
    null,
    `windowsFxVersion requestTracingExpirationTime remoteDebuggingVersion acrUserManagedIdentityID
    publishingPassword appSettings connectionStrings metadata machineKey handlerMappings documentRoot limits
    autoHealRules tracingOptions cors push apiDefinition apiManagementConfig autoSwapSlotName
    managedServiceIdentityId xManagedServiceIdentityId keyVaultReferenceIdentity
    minTlsCipherSuite websiteTimeZone`,
  ),
  ...each(
    false,
    `requestTracingEnabled remoteDebuggingEnabled acrUseManagedIdentityCreds detailedErrorLoggingEnabled
    autoHealEnabled vnetRouteAllEnabled localMySqlEnabled scmIpSecurityRestrictionsUseMain
    functionsRuntimeScaleMonitoringEnabled`,
  ),
  ...each("", "phpVersion pythonVersion nodeVersion powerShellVersion vnetName"),
  ...each(
    0,
    `vnetPrivatePortsCount preWarmedInstanceCount elasticWebAppScaleLimit functionAppScaleLimit
    minimumElasticInstanceCount`,
  ),
  ...each([allowAll], "ipSecurityRestrictions scmIpSecurityRestrictions"),
  numberOfWorkers: 1,
  netFrameworkVersion: "v4.0",
  azureStorageAccounts: {},
  scmType: "None",
  experiments: { rampUpRules: [] },
};

/** PATCH and PUT of config/web merge; Azure answers them in the name of the site. */
export async function writeWebConfig(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const draft = structuredClone(state.site(request));
  const { properties = {} } = membersOf(WEB_CONFIG, request, `${configType}/web`);
  mergeSiteConfig(draft, properties);
  checkAgainstPlan(draft, state.planOf(draft));
  const saved = await state.save(draft);
  return ok(view(saved, siteType), { ETag: etag(saved) });
}

/** GET config/web: the whole configuration, but for its secrets. */
export function webConfigView(site: Site): Json {
  return { ...view(site, configType), id: `${site.id}/config/web` };
}

/** GET config: what there is of config/…; web is all that a GET shows. */
export function configsView(site: Site): Json {
  return listOf([webConfigView(site)]);
}

function view(site: Site, type: string): Json {
  const config = siteConfigOf(site);
  return {
    ...envelopeOf(site, type),
    properties: {
      ...FIXED,
      ...config,
      publishingUsername: publishingUser(site),
      virtualApplications: [
        {
          virtualPath: "/",
          physicalPath: "site\\wwwroot",
          preloadEnabled: config.alwaysOn,
          virtualDirectories: null,
        },
      ],
    },
  };
}
