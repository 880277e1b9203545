import * as pulumi from "@pulumi/pulumi";
import { checkedGroups, type Plain } from "./arguments/arguments";
import { CHECKS, type ScoringServiceArgs } from "./service";

/** Makes a value of the text of a setting; what it cannot make one of, it leaves to the check. */
type Parse<T> = (text: string) => T;

const text: Parse<string> = (given) => given;

const wholeNumber: Parse<number> = (given) => (/^\d+$/.test(given) ? Number(given) : Number.NaN);

/** Words, or a list of them. */
const list: Parse<string[]> = (given) => {
  if (given.trimStart().startsWith("[")) return map(given) as never;
  return given.split(/[\s,]+/).filter(Boolean);
};

/** YAML makes numbers and booleans of some values; Azure has strings only. Of 1.10 and long numbers it keeps another text. */
const map: Parse<Record<string, string>> = (given) => {
  try {
    const isExact = (value: unknown) => typeof value === "boolean" || Number.isSafeInteger(value);
    return JSON.parse(given, (_, value) => (isExact(value) ? String(value) : value));
  } catch {
    return given as never;
  }
};

/** The settings, each under the name of the argument that it sets. Defaults and descriptions are in Pulumi.yaml. */
const SETTINGS: { [G in keyof ScoringServiceArgs]-?: Parses<NonNullable<ScoringServiceArgs[G]>> } = {
  hosting: {
    planSku: text,
    instanceCount: wholeNumber,
    planName: text,
    webAppName: text,
    startTimeLimit: wholeNumber,
    appSettings: map,
    secretAppSettings: map,
  },
  placement: { resourceGroupName: text, tags: map },
  image: {
    registryName: text,
    model: text,
    entryScript: text,
    modelFolder: text,
    systemPackages: list,
    baseImage: text,
    pythonImage: text,
    pythonBuildImage: text,
  },
  release: { readyTimeout: wholeNumber },
};
type Parses<Args> = { [K in keyof Args]-?: Parse<Plain<Args[K]>> };

/** Without a default but Pulumi.yaml's. */
const REQUIRED = ["planSku", "instanceCount", "readyTimeout"];

/**
 * The arguments that the stack's configuration says; what is encrypted is secret.
 * @param raw full key → value, as `pulumi.runtime.allConfig()` gives it
 * @param encrypted full keys of the settings in which something is encrypted, as the language host tells them
 * @throws pulumi.RunError naming every wrong setting with its value and the remedy
 */
export function readSettings(
  raw: Record<string, string>,
  project: string,
  encrypted: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]"),
): ScoringServiceArgs {
  const key = (setting: string) => `${project}:${setting}`;
  const known = Object.values(SETTINGS).flatMap((parses) => Object.keys(parses));
  const faults = REQUIRED.filter((setting) => raw[key(setting)] === undefined).map(
    (setting) => `${key(setting)} is not set, and Pulumi.yaml has no default: restore it there`,
  );
  const groups = Object.entries(SETTINGS).map(([group, parses]) => {
    const values = Object.entries<Parse<unknown>>(parses as never).flatMap(([setting, parse]) => {
      const given = raw[key(setting)];
      return given || (given === "" && REQUIRED.includes(setting)) ? [[setting, parse(given)]] : [];
    });
    return [group, Object.fromEntries(values)];
  });
  const named = (_: string, setting: string, _value: unknown, hidden?: boolean) =>
    key(setting) +
    (hidden || encrypted.includes(key(setting)) ? "" : ` is ${JSON.stringify(raw[key(setting)])}`);
  const checked: ScoringServiceArgs = checkedGroups(Object.fromEntries(groups), CHECKS, named, faults);
  faults.push(...locationFault(raw["azure-native:location"]), ...strangeKeys(raw, project, known));
  const title = "The configuration of this stack is not valid; no resource was touched.";
  if (faults.length > 0) throw new pulumi.RunError([title, ...faults].join("\n  "));
  for (const args of Object.values(checked)) {
    for (const setting of Object.keys(args)) {
      const isMasked = setting === "secretAppSettings"; // value by value, by the component
      if (encrypted.includes(key(setting)) && !isMasked) args[setting] = pulumi.secret(args[setting]);
    }
  }
  return checked;
}

function locationFault(location: string | undefined): string[] {
  const remedy = "set the Azure region, as in `pulumi config set azure-native:location westeurope`";
  if (/^[A-Za-z][A-Za-z0-9 ]*$/.test(location || "")) return [];
  return [`azure-native:location is ${location ? JSON.stringify(location) : "not set"}: ${remedy}`];
}

/** A misspelt key, or namespace of one, would otherwise be the default without a word. */
function strangeKeys(raw: object, project: string, known: string[]): string[] {
  return Object.keys(raw).flatMap((key) => {
    const [namespace, setting = ""] = key.split(":", 2);
    if (namespace === project) {
      const fault = `${key} is not a setting of this project: use one of ${known.join(", ")}`;
      return known.includes(setting) ? [] : [fault];
    }
    // The engine's own namespace has tags, too.
    if (namespace === "pulumi" || !known.includes(setting)) return [];
    return [`${key} is read by nothing: write ${setting}, without a namespace`];
  });
}
