import { displayLocation } from "../core/locations.ts";
import type { Resource } from "../core/types.ts";
import type { Json } from "./body.ts";
import type { Sku } from "./plans/sku.ts";

export const siteType = "Microsoft.Web/sites";
export const planType = "Microsoft.Web/serverfarms";
export const configType = "Microsoft.Web/sites/config";

export interface Plan extends Resource {
  location: string;
  sku: Sku & Json;
  properties: {
    /** Linux; decided at creation. */
    reserved: boolean;
    /** Azure's number for the plan. */
    serverFarmId: number;
    /** ISO 8601. */
    created: string;
  };
}

export interface ConnectionString {
  value: string;
  type: string;
}

export interface Site extends Resource {
  location: string;
  properties: {
    /** Id of the plan, as the plan has it. */
    serverFarmId: string;
    /** By the `stop` action; `enabled` is a property of its own. */
    stopped: boolean;
    /** Site properties that were written (sites/members.ts has the defaults). */
    written: Json;
    /** Members of siteConfig that were written (config/site-config-members.ts has the defaults). */
    siteConfig: Json;
    /** Secret-bearing, as are the next two: only POST actions return them. */
    appSettings: Record<string, string>;
    connectionStrings: Record<string, ConnectionString>;
    metadata: Record<string, string>;
    slotConfigNames: Json;
    logs: Json;
    basicAuth: { ftp: boolean; scm: boolean };
    publishingPassword: string;
    port: number;
    scmPort: number;
    /** ISO 8601. */
    modified: string;
  };
}

/** The group's name in a resource's id. */
export function groupOf(resource: Resource): string {
  return resource.id.split("/")[4]!;
}

/** What stands beside the properties of a plan or a site, and of what belongs to it. */
export function envelopeOf(
  { id, name, location, tags, ...resource }: Plan | Site,
  type = resource.type,
): Json {
  return { id, name, type, location: displayLocation(location), ...(tags && { tags }) };
}

/** A child of a site's `config` that has a name of its own. */
export function configChild(site: Site, name: string, properties: Json): Json {
  return { ...envelopeOf(site, configType), id: `${site.id}/config/${name}`, name, properties };
}
