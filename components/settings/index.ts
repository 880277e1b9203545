import * as pulumi from "@pulumi/pulumi";
import { checkName, type NamedResource } from "../azure/names";
import { canonicalSku, checkInstanceCount } from "../hosting/skus";

/** The stack's configuration, checked as a whole. Defaults and descriptions are in Pulumi.yaml. */
export interface Settings {
  planSku: string;
  instanceCount: number;
  /** Undefined: generated from project and stack, as are the other names. */
  resourceGroupName?: string;
  planName?: string;
  registryName?: string;
  webAppName?: string;
  /** Undefined: the default of scoring-app/Dockerfile. */
  baseImage?: string;
  /** Seconds. */
  readyTimeout: number;
  /** Secret as a whole, since any value may be. */
  appSettings: pulumi.Output<Record<string, string>>;
  tags: Record<string, string>;
}

/** App settings that the program sets itself; `components/hosting/web-app.ts` says what for. */
export const OWN_APP_SETTINGS = [
  "DOCKER_REGISTRY_SERVER_URL",
  "DOCKER_REGISTRY_SERVER_USERNAME",
  "DOCKER_REGISTRY_SERVER_PASSWORD",
  "SCORING_REVISION",
  "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
  "WEBSITES_PORT",
] as const;

/** Set by App Service itself, or at odds with {@link OWN_APP_SETTINGS}. */
const PLATFORM_APP_SETTINGS = ["DOCKER_CUSTOM_IMAGE_NAME", "PORT"];

/** Azure's limits for tags. Source: "Use tags to organize your Azure resources". */
const TAG_LIMITS = { count: 50, name: 512, value: 256, forbidden: /[<>%&\\?/]/ };

const REQUIRED = new Set(["planSku", "instanceCount", "readyTimeout"]);

type Raw = Readonly<Record<string, string>>;

/**
 * Reads the stack's configuration.
 * @param raw full key → value, as `pulumi.runtime.allConfig()` gives it: Pulumi.Config would warn of a secret app setting
 *   although it is only read to be marked secret
 * @throws pulumi.RunError naming every wrong setting with its value and the remedy
 */
export function readSettings(raw: Raw, project: string): Settings {
  const reader = new Reader(raw, project);
  const planSku = reader.read("planSku", canonicalSku);
  const instanceCount = reader.read("instanceCount", (text) => integer(text, 1, 100));
  if (planSku && instanceCount) {
    reader.check("instanceCount", () => checkInstanceCount(planSku, instanceCount));
  }
  const settings = {
    planSku,
    instanceCount,
    resourceGroupName: reader.read("resourceGroupName", name("resourceGroup")),
    planName: reader.read("planName", name("plan")),
    registryName: reader.read("registryName", name("registry")),
    webAppName: reader.read("webAppName", name("webApp")),
    baseImage: reader.read("baseImage", imageReference),
    readyTimeout: reader.read("readyTimeout", (text) => integer(text, 10, 7200)),
    appSettings: pulumi.secret(reader.read("appSettings", appSettings, "hidden") ?? {}),
    tags: reader.read("tags", tags) ?? {},
  };
  reader.checkLocation();
  reader.checkUnknown(Object.keys(settings));
  reader.finish();
  return settings as Settings; // finish() has thrown unless every required setting was read
}

/** Collects errors instead of stopping at the first, so that one run shows them all. */
class Reader {
  readonly #errors: string[] = [];
  readonly #raw: Raw;
  readonly #project: string;

  constructor(raw: Raw, project: string) {
    this.#raw = raw;
    this.#project = project;
  }

  /** Undefined when the setting is wrong, or empty and not required. */
  read<T>(key: string, parse: (text: string) => T, shown: "shown" | "hidden" = "shown"): T | undefined {
    const text = this.#raw[`${this.#project}:${key}`];
    if (text === undefined && REQUIRED.has(key)) {
      this.#errors.push(
        `${this.#project}:${key} is not set, and Pulumi.yaml has no default: restore it there`,
      );
      return undefined;
    }
    if (text === undefined || (text === "" && !REQUIRED.has(key))) return undefined;
    return this.check(key, () => parse(text), shown);
  }

  check<T>(key: string, action: () => T, shown: "shown" | "hidden" = "shown"): T | undefined {
    try {
      return action();
    } catch (error) {
      const text = this.#raw[`${this.#project}:${key}`];
      const value = shown === "shown" ? ` is ${JSON.stringify(text)}` : "";
      this.#errors.push(`${this.#project}:${key}${value}: ${(error as Error).message}`);
      return undefined;
    }
  }

  checkLocation(): void {
    const location = this.#raw["azure-native:location"];
    const remedy =
      "set the Azure region to deploy to, as in `pulumi config set azure-native:location westeurope`";
    if (!location) this.#errors.push(`azure-native:location is not set: ${remedy}`);
    else if (!/^[A-Za-z][A-Za-z0-9 ]*$/.test(location)) {
      this.#errors.push(`azure-native:location is ${JSON.stringify(location)}: ${remedy}`);
    }
  }

  /** A misspelt key would otherwise be the default without a word. */
  checkUnknown(known: readonly string[]): void {
    for (const key of Object.keys(this.#raw)) {
      const [namespace, setting] = key.split(":", 2);
      if (namespace === this.#project && !known.includes(setting ?? "")) {
        this.#errors.push(`${key} is not a setting of this project: use one of ${known.join(", ")}`);
      }
    }
  }

  finish(): void {
    if (this.#errors.length === 0) return;
    const list = this.#errors.map((error) => `  ${error}`).join("\n");
    throw new pulumi.RunError(
      `The configuration of this stack is not valid; no resource was touched.\n${list}`,
    );
  }
}

function integer(text: string, minimum: number, maximum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= minimum && value <= maximum))
    throw new Error(`use a whole number from ${minimum} to ${maximum}`);
  return value;
}

function name(resource: NamedResource): (text: string) => string {
  return (text) => {
    checkName(resource, text);
    return text;
  };
}

function imageReference(text: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._/:-]*(@sha256:[0-9a-f]{64})?$/.test(text)) {
    throw new Error("use an image reference such as node:24-bookworm-slim or HOST/REPOSITORY:TAG");
  }
  return text;
}

function appSettings(text: string): Record<string, string> {
  return checkedMap(text, (key) => {
    if ([...OWN_APP_SETTINGS, ...PLATFORM_APP_SETTINGS].includes(key.toUpperCase())) {
      return "is set by this program or by App Service; leave it out";
    }
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(key))
      return "use letters, digits, _ and . in the name of a variable";
    return undefined;
  });
}

function tags(text: string): Record<string, string> {
  const map = checkedMap(text, (key, value) => {
    if (!key || key.length > TAG_LIMITS.name || TAG_LIMITS.forbidden.test(key)) {
      return `use 1 to ${TAG_LIMITS.name} characters without < > % & \\ ? / in the name of a tag`;
    }
    return value.length > TAG_LIMITS.value ? `use at most ${TAG_LIMITS.value} characters` : undefined;
  });
  if (Object.keys(map).length > TAG_LIMITS.count) throw new Error(`use at most ${TAG_LIMITS.count} tags`);
  return map;
}

/** Reads a map from JSON; YAML makes numbers and booleans of some values, Azure has strings only. */
function checkedMap(
  text: string,
  fault: (key: string, value: string) => string | undefined,
): Record<string, string> {
  const entries = Object.entries(parsedMap(text)).map(([key, value]): [string, unknown] => [
    key,
    typeof value === "number" || typeof value === "boolean" ? String(value) : value,
  ]);
  const faults = entries.flatMap(([key, value]) => {
    const found = typeof value === "string" ? fault(key, value) : "use a string as the value";
    return found ? [`${JSON.stringify(key)}: ${found}`] : [];
  });
  if (faults.length > 0) throw new Error(faults.join("; "));
  return Object.fromEntries(entries) as Record<string, string>;
}

function parsedMap(text: string): object {
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch {
    map = undefined;
  }
  if (typeof map !== "object" || map === null || Array.isArray(map))
    throw new Error("use a map of names to strings");
  return map;
}
