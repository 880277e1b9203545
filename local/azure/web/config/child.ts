import { displayLocation } from "../../core/locations.ts";
import type { Json } from "../body.ts";
import type { Site } from "../model.ts";

export const configType = "Microsoft.Web/sites/config";

/** What stands beside the properties of a site and of what belongs to it. */
export function siteEnvelope({ id, name, location, tags }: Site, type: string): Json {
  return { id, name, type, location: displayLocation(location), ...(tags && { tags }) };
}

/** A child of `config` that has a name of its own. */
export function configChild(site: Site, name: string, properties: Json): Json {
  return { ...siteEnvelope(site, configType), id: `${site.id}/config/${name}`, name, properties };
}
