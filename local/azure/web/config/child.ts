import type { Json } from "../body.ts";
import { envelopeOf, type Site } from "../model.ts";

export const configType = "Microsoft.Web/sites/config";

/** A child of `config` that has a name of its own. */
export function configChild(site: Site, name: string, properties: Json): Json {
  return { ...envelopeOf(site, configType), id: `${site.id}/config/${name}`, name, properties };
}
