import { notEmulated } from "../../core/errors.ts";
import { is } from "../../core/readers.ts";
import { equalsIgnoringCase, repeatedName } from "../../core/text.ts";
import { textsIn } from "../body.ts";
import { invalidParameter, webError } from "../errors.ts";
import { code, network } from "../reasons.ts";

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

/**
 * Checks app settings that came as a map of texts.
 *
 * @throws ArmError for a name or a value that Linux cannot carry, and for what is not emulated.
 */
export function readAppSettings(settings: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(settings)) {
    if (!/^[A-Za-z0-9_.]+$/.test(name)) {
      throw webError("BadRequest", "AppSetting with name '{0}' is not allowed.", [name]);
    }
    if (value.includes("\0")) {
      const template = "AppSetting '{0}' has a NUL character, which no environment variable can have.";
      throw webError("BadRequest", template, [name]);
    }
    if (/^@Microsoft\.(KeyVault|AppConfiguration)\(/i.test(value)) {
      throw notEmulated(
        `the reference in app setting '${name}'`,
        "there is no Key Vault and no App Configuration.",
      );
    }
  }
  for (const [name, { why, harmless }] of Object.entries(APP_SETTINGS)) {
    const value = Object.entries(settings).find(([given]) => equalsIgnoringCase(given, name))?.[1];
    if (value && !harmless?.(value)) throw notEmulated(`'app setting ${name}'`, why);
  }
  return settings;
}

/**
 * Refuses names that are the same to Azure, which compares them without regard to case
 * (microsoft/azure-pipelines-tasks#14689, Azure/azure-cli#13673).
 */
export function checkUnique(names: string[]): void {
  const again = repeatedName(names);
  if (again !== undefined) throw webError("Conflict", "Parameter with name {0} already exists.", [again]);
}

/** `[{name, value}, …]` as a map. */
export function textsByName(
  given: { name?: unknown; value?: unknown }[],
  parameter: string,
): Record<string, string> {
  const names = given.map(({ name }) => name).filter((name) => typeof name === "string");
  if (names.length < given.length) throw invalidParameter(parameter);
  checkUnique(names);
  return textsIn(Object.fromEntries(given.map(({ name, value }) => [name, value])), parameter);
}
