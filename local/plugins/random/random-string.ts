import { randomInt } from "node:crypto";
import { hasUnknown, type Properties } from "../property-values.ts";

/** What the real provider records in the state for inputs that are not given (`numeric` and `number` are one). */
export const stringDefaults = {
  lower: true,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
  minUpper: 0,
  number: true,
  numeric: true,
  special: true,
  upper: true,
};

const lowerCase = "abcdefghijklmnopqrstuvwxyz";
const specialCharacters = "!@#$%&*()-_=+[]{}<>:?";

type Settings = typeof stringDefaults & { length: number; overrideSpecial?: string };

/** Why the inputs give no string; one sentence each. Unknown inputs are not judged. */
export function stringFailures(inputs: Properties): string[] {
  if (inputs.length === undefined) return ["missing required property 'length'"];
  if (hasUnknown(inputs)) return [];
  const settings = { ...stringDefaults, ...inputs } as unknown as Settings;
  if (!Number.isInteger(settings.length) || settings.length < 1)
    return [`'length' is ${settings.length}: it must be a whole number of at least 1`];
  const least = settings.minLower + settings.minNumeric + settings.minSpecial + settings.minUpper;
  if (settings.length < least)
    return [
      `'length' is ${settings.length}: it must be at least ${least}, the sum of minLower, minNumeric, minSpecial and minUpper`,
    ];
  if (charactersOf(settings).join("") === "")
    return ["no characters to choose from: one of lower, upper, numeric and special must be true"];
  return [];
}

/** @param settled - inputs with defaults, without failures. */
export function randomString(settled: Properties): string {
  const settings = settled as unknown as Settings;
  const [lower = "", upper = "", numeric = "", special = ""] = charactersOf(settings);
  const characters = [
    ...pick(lower || lowerCase, settings.minLower),
    ...pick(upper || lowerCase.toUpperCase(), settings.minUpper),
    ...pick(numeric || "0123456789", settings.minNumeric),
    ...pick(special || settings.overrideSpecial || specialCharacters, settings.minSpecial),
  ];
  characters.push(...pick(lower + upper + numeric + special, settings.length - characters.length));
  return shuffle(characters).join("");
}

function charactersOf({ lower, upper, numeric, special, overrideSpecial }: Settings): string[] {
  return [
    lower ? lowerCase : "",
    upper ? lowerCase.toUpperCase() : "",
    numeric ? "0123456789" : "",
    special ? overrideSpecial || specialCharacters : "",
  ];
}

function pick(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));
}

function shuffle(characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other]!, characters[last]!];
  }
  return characters;
}
