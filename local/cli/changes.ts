import { isDeepStrictEqual } from "node:util";
import { unknownString } from "../plugins/property-values.ts";

/** A step of `pulumi preview --json`. */
export interface Step {
  op: string;
  urn: string;
  oldState?: State;
  newState?: State;
  /** By the paths of the properties that differ. */
  detailedDiff?: Values | null;
}
interface State {
  type: string;
  custom?: boolean;
  inputs?: Values;
  outputs?: Values;
}
type Values = Record<string, unknown>;

/** One thing that a deployment would do; of a property where it updates or replaces. */
export interface Change {
  urn: string;
  op: string;
  property: string | null;
  old: unknown;
  new: unknown;
}

/** What the engine writes for a secret. */
const MASK = "[secret]";

/** The parts of a replacement are told as one. */
const TOLD = ["create", "update", "replace", "delete"];

/** Azure's resources without data or a public name; any other is one that people would miss. */
const HARMLESS = ["azure-native:web:AppServicePlan"];

/** What the steps of a preview change. */
export function changesOf(steps: readonly Step[]): Change[] {
  return steps.filter(({ op }) => TOLD.includes(op)).flatMap(changesOfStep);
}

function changesOfStep({ op, urn, oldState, newState, detailedDiff }: Step): Change[] {
  const none: Change = { urn, op, property: null, old: null, new: null };
  if (op === "create" || op === "delete") return [none];
  const found = differences("", oldState?.inputs ?? {}, newState?.inputs ?? {});
  for (const path of Object.keys(detailedDiff ?? {})) {
    const isFound = found.some(({ property }) => property!.startsWith(path) || path.startsWith(property!));
    // What the engine masks is the same before and after.
    if (!isFound) found.push({ property: path, old: MASK, new: MASK });
  }
  return found.length > 0 ? found.map((difference) => ({ urn, op, ...difference })) : [none];
}

type Difference = Pick<Change, "property" | "old" | "new">;

/** The values that differ, down to the last property, by the paths that Pulumi writes. Secrets are masked by the engine. */
function differences(path: string, old: unknown, now: unknown): Difference[] {
  if (isDeepStrictEqual(old, now)) return [];
  if (isMap(old) && isMap(now)) {
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((name) => {
      // The provider's own.
      if (name === "__defaults") return [];
      return differences(joined(path, name), old[name], now[name]);
    });
  }
  if (Array.isArray(old) && Array.isArray(now) && old.length === now.length)
    return old.flatMap((value, index) => differences(`${path}[${index}]`, value, now[index]));
  return [{ property: path, old: told(old), new: told(now) }];
}

const isMap = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function joined(path: string, name: string): string {
  if (!/^\w+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path ? `${path}.${name}` : name;
}

function told(value: unknown): unknown {
  if (value === undefined) return null;
  if (value === unknownString) return "[known after the deployment]";
  if (Array.isArray(value)) return value.map(told);
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, told(inner)]))
    : value;
}

/** The resources that hold data or the public name and would be deleted, if only to be made anew. */
export function losses(changes: readonly Change[]): Change[] {
  const seen = new Set<string>();
  return changes.filter(({ urn, op }) => {
    const [type = ""] = urn.split("::")[2]?.split("$").slice(-1) ?? [];
    if (!type.startsWith("azure-native:") || HARMLESS.includes(type)) return false;
    if (!["replace", "delete"].includes(op) || seen.has(urn)) return false;
    seen.add(urn);
    return true;
  });
}
