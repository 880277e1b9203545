export function wholeNumber(minimum: number, maximum: number) {
  return (value: number): number => {
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new Error(`use a whole number from ${minimum} to ${maximum}`);
  };
}

/**
 * Checks a map of names to strings.
 * @param fault what to write instead of an entry, undefined where it is right
 */
export function stringMap(fault: (name: string, value: string) => string | undefined, maximum = Infinity) {
  return (map: Record<string, string>): Record<string, string> => {
    if (typeof map !== "object" || map === null || Array.isArray(map))
      throw new Error("use a map of names to strings");
    const lower = Object.keys(map).map((name) => name.toLowerCase());
    const faults = Object.entries(map).flatMap(([name, value], index) => {
      const inAnotherCase =
        lower.indexOf(name.toLowerCase()) < index && "is there in another case: leave one out";
      const found = typeof value === "string" ? fault(name, value) : "use a string as the value, in quotes";
      return found || inAnotherCase ? [`${JSON.stringify(name)}: ${found || inAnotherCase}`] : [];
    });
    if (faults.length > 0) throw new Error(faults.join("; "));
    if (Object.keys(map).length > maximum) throw new Error(`use at most ${maximum}`);
    return map;
  };
}
