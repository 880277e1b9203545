import type { Check } from "./arguments";

export function wholeNumber(minimum: number, maximum: number): Check<number> {
  return (value) => {
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new Error(`use a whole number from ${minimum} to ${maximum}`);
  };
}

/**
 * Checks a map of names to strings.
 * @param fault what to write instead of an entry, undefined where it is right
 */
export function stringMap(
  fault: (name: string, value: string) => string | undefined,
  maximum?: { count: number; of: string },
): Check<Record<string, string>> {
  return (map) => {
    if (typeof map !== "object" || map === null || Array.isArray(map))
      throw new Error("use a map of names to strings");
    const faults = Object.entries(map).flatMap(([name, value]) => {
      const found = typeof value === "string" ? fault(name, value) : "use a string as the value";
      return found ? [`${JSON.stringify(name)}: ${found}`] : [];
    });
    if (faults.length > 0) throw new Error(faults.join("; "));
    if (maximum && Object.keys(map).length > maximum.count)
      throw new Error(`use at most ${maximum.count} ${maximum.of}`);
    return map;
  };
}
