/**
 * The types in use. Property names and API versions come from the installed @pulumi/azure-native; what stands here is
 * what that package does not say. Replacement and defaults: Azure/azure-rest-api-specs (x-ms-mutability) and
 * pulumi/pulumi-azure-native (gen/replacement.go, defaults/defaultResourcesState.go).
 */
import { words } from "../../system/words.ts";
import { known } from "../plugin.ts";

export interface ResourceType {
  /** ARM path; placeholders are input names, except subscriptionId, which is the provider's. */
  path: string;
  /** Inputs whose change replaces the resource, besides those in its path. */
  forceNew?: string[];
  /** Arrays whose elements are known by a member: their order does not count. */
  keyedArrays?: Record<string, string>;
  /** What Azure makes and removes with the parent: never refused as existing, reset with this body on delete. */
  singleton?: { resetBody: object };
  /** Path below the resource's own from which `property` is read, since the resource's GET answers it empty. */
  readAlso?: { path: string; property: string };
  /** Rules of names in the path, which a preview checks: the specification's of the parameter. */
  names?: Record<string, { minLength: number; maxLength: number; pattern: string }>;
  /** What the SDK declares as an output, and the real provider was seen to leave out. */
  leftOut?: string[];
  /** Query of the DELETE, besides the API version. */
  deleteQuery?: Record<string, string>;
}

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const site = `${group}/providers/Microsoft.Web/sites/{name}`;
const registry = `${group}/providers/Microsoft.ContainerRegistry/registries/{registryName}`;

export const resourceTypes: Record<string, ResourceType> = {
  "azure-native:resources:ResourceGroup": { path: group, forceNew: ["location"] },
  "azure-native:web:AppServicePlan": {
    path: `${group}/providers/Microsoft.Web/serverfarms/{name}`,
    forceNew: ["location", "reserved", "isXenon", "hyperV", "hostingEnvironmentProfile"],
  },
  "azure-native:web:WebApp": {
    path: site,
    forceNew: ["location", "kind", "reserved", "isXenon", "hyperV"],
    keyedArrays: { "siteConfig.appSettings": "name", "siteConfig.connectionStrings": "name" },
    readAlso: { path: "/config/web", property: "siteConfig" },
    leftOut: ["sku"],
    deleteQuery: { deleteEmptyServerFarm: "false" },
  },
  "azure-native:web:WebAppApplicationSettings": {
    path: `${site}/config/appsettings`,
    singleton: { resetBody: {} },
  },
  "azure-native:web:WebAppDiagnosticLogsConfiguration": {
    path: `${site}/config/logs`,
    singleton: { resetBody: { properties: { applicationLogs: {} } } },
  },
  "azure-native:web:WebAppFtpAllowed": publishingPolicy("ftp"),
  "azure-native:web:WebAppScmAllowed": publishingPolicy("scm"),
  "azure-native:containerregistry:Registry": {
    path: registry,
    forceNew: ["location"],
    names: { registryName: { minLength: 5, maxLength: 50, pattern: "^[a-zA-Z0-9]*$" } },
  },
};

function publishingPolicy(name: string): ResourceType {
  return {
    path: `${site}/basicPublishingCredentialsPolicies/${name}`,
    singleton: { resetBody: { properties: { allow: true } } },
  };
}

/** Functions that list what a GET does not answer: POST. Getters (`getWebApp`, …) follow from the types. */
export const listFunctions: Record<string, string> = {
  "azure-native:containerregistry:listRegistryCredentials": `${registry}/listCredentials`,
  "azure-native:web:listWebAppApplicationSettings": `${site}/config/appsettings/list`,
  "azure-native:web:listWebAppPublishingCredentials": `${site}/config/publishingcredentials/list`,
};

/** Members of an ARM body that stand beside `properties`, not in it. */
export const envelopeProperties = new Set(
  words("extendedLocation id identity kind location managedBy name plan sku systemData tags type zones"),
);

export const resourceTypeOf = (token: string) => known("azure-native", resourceTypes, token);

export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1]!)
    .filter((name) => name !== "subscriptionId");
}

/** Fills an ARM path in. */
export function armPath(path: string, subscriptionId: string, inputs: Record<string, unknown>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = name === "subscriptionId" ? subscriptionId : inputs[name];
    if (typeof value !== "string")
      throw new Error(`'${name}' is missing or not known: it is part of ${path}`);
    return encodeURIComponent(value);
  });
}
