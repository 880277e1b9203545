import { displayLocation } from "../../core/locations.ts";
import type { Json } from "../body.ts";
import type { Site } from "../model.ts";

export const configType = "Microsoft.Web/sites/config";

/** The envelope of a child of `config` that has a name of its own. */
export function configChild(site: Site, name: string, properties: Json): Json {
  return {
    id: `${site.id}/config/${name}`,
    name,
    type: configType,
    location: displayLocation(site.location),
    ...(site.tags && { tags: site.tags }),
    properties,
  };
}
