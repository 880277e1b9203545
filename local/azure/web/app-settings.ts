import { notEmulated } from "../core/errors.ts";
import { displayLocation } from "../core/locations.ts";
import { is, readMembers } from "../core/members.ts";
import type { ArmRequest, ArmResponse } from "../core/types.ts";
import { bodyOf, type Json, textsIn } from "./body.ts";
import { CONNECTION_STRINGS, TEXTS } from "./config-members.ts";
import { readConnectionStrings } from "./connection-strings.ts";
import { invalidMember, invalidParameter, webError } from "./errors.ts";
import type { Site } from "./model.ts";
import { code, network } from "./reasons.ts";
import type { WebState } from "./state.ts";

const configType = "Microsoft.Web/sites/config";

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
  for (const [name, { why, harmless }] of Object.entries(APP_SETTINGS)) {
    const value = settings[name];
    if (value && !harmless?.(value)) throw notEmulated(`'app setting ${name}'`, why);
  }
  return settings;
}

/** `[{name, value}, …]` as a map. */
export function textsByName(
  given: { name?: unknown; value?: unknown }[],
  parameter: string,
): Record<string, string> {
  if (!given.every(({ name }) => typeof name === "string")) throw invalidParameter(parameter);
  return textsIn(Object.fromEntries(given.map(({ name, value }) => [name, value ?? ""])), parameter);
}

/**
 * App settings by which App Service itself would do something that nothing does here. Names are free, so that this is
 * a list of what is refused.
 */
export const APP_SETTINGS: Record<string, { why: string; harmless?: (value: unknown) => boolean }> = {
  DOCKER_ENABLE_CI: { why: "no registry calls a webhook here.", harmless: is("false", "0") },
  WEBSITE_RUN_FROM_PACKAGE: { why: code, harmless: is("0") },
  WEBSITE_PULL_IMAGE_OVER_VNET: { why: network, harmless: is("false", "0") },
  WEBSITE_VNET_ROUTE_ALL: { why: network, harmless: is("false", "0") },
  WEBSITE_DNS_SERVER: { why: network },
};

type Kept = "appSettings" | "connectionStrings" | "metadata";

const children: Record<Kept, { name: string; read: (body: Json) => Json }> = {
  appSettings: { name: "appsettings", read: (body) => readAppSettings(textsOf(body, "appsettings")) },
  connectionStrings: {
    name: "connectionstrings",
    read(body) {
      const { properties = {} } = readMembers(CONNECTION_STRINGS, body, {
        owner: `${configType}/connectionstrings`,
        invalid: () => invalidParameter("ConnectionStrings"),
      });
      return readConnectionStrings(
        Object.entries(properties).map(([name, { value, type }]) => ({
          name,
          connectionString: value,
          type,
        })),
      );
    },
  },
  metadata: { name: "metadata", read: (body) => textsOf(body, "metadata") },
};

function textsOf(body: Json, child: string): Record<string, string> {
  const owner = `${configType}/${child}`;
  return textsIn(readMembers(TEXTS, body, { owner, invalid: invalidMember }).properties ?? {}, "properties");
}

/** PUT of config/appsettings, config/connectionstrings or config/metadata: replaces the whole set. */
export async function putSettings(state: WebState, kept: Kept, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const values = children[kept].read(bodyOf(request));
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
    type: configType,
    location: displayLocation(site.location),
    ...(site.tags && { tags: site.tags }),
    properties,
  };
}
