/** Whether two of ARM's names, ids or enumerated values are the same: their case does not count. */
export function equalsIgnoringCase(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
