import { each, idle, kept, mapOf, nested, readOnly, refused, taken } from "../../core/members.ts";
import { anything, flag, integer, is, texts } from "../../core/readers.ts";
import * as why from "../reasons.ts";
import { SITE_CONFIG } from "./site-config-members.ts";

/** What stands beside the `properties` of a child of a site. */
const envelope = {
  ...each(idle(why.parents), "location tags kind"),
  ...each(readOnly, "id name type systemData"),
};

/** config/web. */
export const WEB_CONFIG = { ...envelope, properties: nested(SITE_CONFIG) };

/** config/appsettings and config/metadata: names are free. */
export const TEXTS = { ...envelope, properties: taken(anything) };

export const CONNECTION_STRINGS = {
  ...envelope,
  properties: mapOf({ value: taken(anything), type: taken(anything) }),
};

/** config/azurestorageaccounts: none can be mounted. */
export const STORAGE_ACCOUNTS = { ...envelope, properties: refused(why.storage) };

const inFiles = "logs are kept in files only.";
const rotation = "a log file is followed by another at 8 MB.";
const onBlobs = each(refused(inFiles), "sasUrl retentionInDays");

export const LOGS = {
  ...envelope,
  properties: nested({
    httpLogs: nested({
      fileSystem: nested({
        enabled: taken(flag, false),
        retentionInMb: kept(rotation, taken(integer(25, 100), 35)),
        retentionInDays: kept(rotation, taken(integer(0), 0)),
      }),
      azureBlobStorage: nested({ enabled: refused(inFiles), ...onBlobs }),
    }),
    applicationLogs: nested({
      fileSystem: nested({ level: refused(why.windows, is("Off")) }),
      azureTableStorage: nested({ level: refused(inFiles, is("Off")), sasUrl: refused(inFiles) }),
      azureBlobStorage: nested({ level: refused(inFiles, is("Off")), ...onBlobs }),
    }),
    failedRequestsTracing: nested({ enabled: refused(why.windows) }),
    detailedErrorMessages: nested({ enabled: refused(why.windows) }),
  }),
};

const names = kept("there are no slots to swap with.", taken(texts, null));
export const SLOT_CONFIG_NAMES = {
  ...envelope,
  properties: nested({
    connectionStringNames: names,
    appSettingNames: names,
    azureStorageConfigNames: names,
  }),
};

/** basicPublishingCredentialsPolicies/scm and ftp. */
export const SCM_POLICY = { ...envelope, properties: nested({ allow: taken(flag) }) };
export const FTP_POLICY = {
  ...envelope,
  properties: nested({ allow: kept("there is no FTP host.", taken(flag)) }),
};

/** Settings that change nothing: false, empty, or objects of such. */
const isEmpty = (value: unknown): boolean =>
  !value || (typeof value === "object" && Object.values(value).every(isEmpty));
const authentication = refused(
  "there is no App Service Authentication; let the app check its callers.",
  isEmpty,
);

export const AUTH_SETTINGS_V2 = {
  ...envelope,
  properties: nested({
    platform: nested({
      ...each(authentication, "enabled configFilePath"),
      runtimeVersion: idle("it matters with platform.enabled only, which is refused."),
    }),
    ...each(authentication, "globalValidation identityProviders login httpSettings"),
  }),
};

export const AUTH_SETTINGS = {
  ...envelope,
  properties: nested(
    each(
      authentication,
      `enabled aadClaimsAuthorization additionalLoginParams allowedAudiences
      allowedExternalRedirectUrls authFilePath clientId clientSecret clientSecretCertificateThumbprint
      clientSecretSettingName configVersion defaultProvider facebookAppId facebookAppSecret
      facebookAppSecretSettingName facebookOAuthScopes gitHubClientId gitHubClientSecret
      gitHubClientSecretSettingName gitHubOAuthScopes googleClientId googleClientSecret
      googleClientSecretSettingName googleOAuthScopes isAuthFromFile issuer microsoftAccountClientId
      microsoftAccountClientSecret microsoftAccountClientSecretSettingName microsoftAccountOAuthScopes
      runtimeVersion tokenRefreshExtensionHours tokenStoreEnabled twitterConsumerKey
      twitterConsumerSecret twitterConsumerSecretSettingName unauthenticatedClientAction
      validateIssuer`,
    ),
  ),
};

/** The body of publishxml. */
export const PUBLISH_XML = {
  format: idle("the profile is the SCM host's: there are neither Web Deploy nor FTP."),
  includeDisasterRecoveryEndpoints: refused("this machine is one region."),
};
