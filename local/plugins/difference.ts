import { isDeepStrictEqual } from "node:util";
import { isObject, type Properties, unknownValue, type Value } from "./property-values.ts";

export interface Change {
  kind: "add" | "delete" | "update";
  /** Name of the top-level property. */
  property: string;
  /** The engine's property path, e.g. `siteConfig.appSettings[2].value` or `tags["my.tag"]`. */
  path: string;
}

export interface DifferenceOptions {
  /** Arrays whose elements are known by one of their members, by path: their order does not count. */
  keyedArrays?: Record<string, string>;
  /** Says whether two values of a path count as the same though they are not equal. */
  same?: (path: string, before: Value, after: Value) => boolean;
}

/** How `after` differs from `before`. Names that begin with `__` are the provider's own and do not count. */
export function difference(before: Properties, after: Properties, options: DifferenceOptions = {}): Change[] {
  const changes: Change[] = [];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const property of names) {
    if (property.startsWith("__")) continue;
    compare(property, before[property], after[property], pathOf("", property));
  }
  return changes;

  function compare(property: string, old: Value | undefined, value: Value | undefined, path: string): void {
    if (old === undefined || value === undefined) {
      if (old !== value) changes.push({ kind: old === undefined ? "add" : "delete", property, path });
    } else if (
      value !== unknownValue &&
      (isDeepStrictEqual(old, value) || options.same?.(path, old, value))
    ) {
      return;
    } else if (Array.isArray(old) && Array.isArray(value)) {
      const pairs = pair(old, value, options.keyedArrays?.[path]);
      for (const [index, before, after] of pairs) compare(property, before, after, `${path}[${index}]`);
    } else if (isObject(old) && isObject(value)) {
      for (const name of new Set([...Object.keys(old), ...Object.keys(value)]))
        compare(property, old[name], value[name], pathOf(path, name));
    } else changes.push({ kind: "update", property, path });
  }
}

/** Matches the elements of two arrays: by a member's value, or by position. */
function pair(before: Value[], after: Value[], key: string | undefined) {
  const keyOf = (element: Value) => (key && isObject(element) ? element[key] : undefined);
  const isKeyed = [...before, ...after].every((element) => typeof keyOf(element) === "string");
  if (!isKeyed) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => [index, before[index], after[index]] as const);
  }
  const find = (elements: Value[], wanted: unknown) => elements.find((element) => keyOf(element) === wanted);
  return [
    ...after.map((element, index) => [index, find(before, keyOf(element)), element] as const),
    ...before
      .map((element, index) => [index, element, undefined] as const)
      .filter(([, element]) => find(after, keyOf(element)) === undefined),
  ];
}

function pathOf(parent: string, name: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${parent}["${name.replaceAll('"', '\\"')}"]`;
  return parent === "" ? name : `${parent}.${name}`;
}
