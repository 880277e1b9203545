import { shown } from "./model/cells.ts";

/** Of the larger of 1 and the expected number. */
const TOLERANCE = 1e-4;

/** A place where a computed answer is not the expected one. */
export interface Difference {
  /** Within the answer: empty where it is one value. */
  path: (number | string)[];
  expected: unknown;
  computed: unknown;
  /** Infinity where they are no numbers to be compared. */
  off: number;
  allowed: number;
}

const isNumber = (value: unknown) => typeof value === "number" || typeof value === "bigint";
/** Python writes NaN and infinities; an answer has null for them. */
const isNoNumber = (value: unknown) => typeof value === "number" && !Number.isFinite(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Compares answers as JSON has them. @param tolerance of numbers; 1e-4 of the larger of 1 and the expected one unless told. */
export function differences(
  expected: unknown,
  computed: unknown,
  tolerance?: number,
  path: Difference["path"] = [],
): Difference[] {
  if (Array.isArray(expected)) {
    // scikit-learn's predictions of a target with one column are arrays of one number.
    const cells = Array.isArray(computed) || expected.length !== 1 ? computed : [computed];
    if (Array.isArray(cells) && cells.length === expected.length) {
      return expected.flatMap((cell, index) => differences(cell, cells[index], tolerance, [...path, index]));
    }
  }
  if (isObject(expected) && isObject(computed)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(computed)]);
    return [...keys].flatMap((key) => differences(expected[key], computed[key], tolerance, [...path, key]));
  }
  if (expected === computed || Object.is(expected, computed) || (computed === null && isNoNumber(expected)))
    return [];
  // Converters make integers of labels that are true and false.
  if (typeof expected === "boolean" && Number(expected) === computed) return [];
  const comparable = (value: unknown) => isNumber(value) && !isNoNumber(value);
  if (!comparable(expected) || !comparable(computed)) {
    return [{ path, expected, computed, off: Number.POSITIVE_INFINITY, allowed: 0 }];
  }
  const bothLong = typeof expected === "bigint" && typeof computed === "bigint";
  const off = Math.abs(bothLong ? Number(computed - expected) : Number(computed) - Number(expected));
  const allowed = tolerance ?? TOLERANCE * Math.max(1, Math.abs(Number(expected)));
  return off <= allowed ? [] : [{ path, expected, computed, off, allowed }];
}

/** The difference that is off by most; undefined where there is none. */
export const worstOf = <T extends Difference>(all: readonly T[]): T | undefined =>
  all.reduce<T | undefined>((most, one) => (most && most.off >= one.off ? most : one), undefined);

/** `expected 1, computed 2 (off by 1, tolerance 0.0001)`. */
export function told({ expected, computed, off, allowed }: Difference): string {
  const by =
    off === Number.POSITIVE_INFINITY || allowed === 0
      ? "they must be equal"
      : `off by ${rounded(off)}, tolerance ${rounded(allowed)}`;
  return `expected ${shown(expected)}, computed ${shown(computed)} (${by})`;
}

const rounded = (value: number) => Number(value.toPrecision(3));
