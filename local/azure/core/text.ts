/** Whether two of ARM's names, ids or enumerated values are the same: their case does not count. */
export function equalsIgnoringCase(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The first name that an earlier one equals, their case aside; undefined where each is there once. */
export function repeatedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name.toLowerCase()).size);
}
