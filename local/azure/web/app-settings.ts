import { displayLocation } from "../core/locations.ts";
import type { ArmRequest, ArmResponse } from "../core/types.ts";
import { bodyOf, isObject, type Json, objectIn, textsIn } from "./body.ts";
import { readConnectionStrings } from "./connection-strings.ts";
import { invalidParameter, notEmulated, webError } from "./errors.ts";
import type { Site } from "./model.ts";
import type { WebState } from "./state.ts";
import { APP_SETTINGS, refuse } from "./unsupported.ts";

/**
 * Checks app settings that came as a map of texts.
 *
 * @throws ArmError for a name that Linux cannot carry, and for what is not emulated.
 */
export function readAppSettings(settings: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(settings)) {
    if (!/^[A-Za-z0-9_.]+$/.test(name)) {
      throw webError(400, "BadRequest", "AppSetting with name '{0}' is not allowed.", [name]);
    }
    if (/^@Microsoft\.(KeyVault|AppConfiguration)\(/i.test(value)) {
      throw notEmulated(
        `the reference in app setting '${name}'`,
        "there is no Key Vault and no App Configuration.",
      );
    }
  }
  refuse(settings, APP_SETTINGS, "app setting ");
  return settings;
}

/** `[{name, value}, …]` as a map. */
export function textsByName(given: unknown, member: string, parameter: string): Record<string, string> {
  if (!Array.isArray(given) || !given.every((entry) => isObject(entry) && typeof entry.name === "string")) {
    throw invalidParameter(parameter);
  }
  return textsIn(
    Object.fromEntries(given.map((entry: Json) => [entry.name, entry[member] ?? ""])),
    parameter,
  );
}

type Kept = "appSettings" | "connectionStrings" | "metadata";

const children: Record<Kept, { name: string; read: (given: Json) => Json }> = {
  appSettings: {
    name: "appsettings",
    read: (given) => readAppSettings(textsIn(given, "properties")),
  },
  connectionStrings: { name: "connectionstrings", read: (given) => ({ ...readConnectionStrings(given) }) },
  metadata: { name: "metadata", read: (given) => textsIn(given, "properties") },
};

/** PUT of config/appsettings, config/connectionstrings or config/metadata: replaces the whole set. */
export async function putSettings(state: WebState, kept: Kept, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const values = children[kept].read(objectIn(bodyOf(request), "properties"));
  const saved = await state.save({ ...site, properties: { ...site.properties, [kept]: values } });
  return { status: 200, body: view(saved, kept) };
}

/** POST config/…/list: the only way to read them. */
export function listSettings(state: WebState, kept: Kept, request: ArmRequest): ArmResponse {
  return { status: 200, body: view(state.site(request), kept) };
}

function view(site: Site, kept: Kept): Json {
  return configChild(site, children[kept].name, site.properties[kept]);
}

/** The envelope of a child of `config` that has a name of its own. */
export function configChild(site: Site, name: string, properties: Json): Json {
  return {
    id: `${site.id}/config/${name}`,
    name,
    type: "Microsoft.Web/sites/config",
    location: displayLocation(site.location),
    ...(site.tags && { tags: site.tags }),
    properties,
  };
}
