import { timingSafeEqual } from "node:crypto";

/** Whether a caller's secret is the expected one, in a time that tells nothing of it; an empty one is none. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return b.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
