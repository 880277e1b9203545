import { allocateShared, type Feed } from "../model/cells.ts";
import type { Signature } from "../model/signature.ts";

/** A body of /score that is nothing but a table of numbers, encoded as its model takes it. */
export class NumberTable {
  readonly feed: Feed;

  constructor(feed: Feed) {
    this.feed = feed;
  }
}

/** ASCII codes. */
const [TAB, LINE_FEED, RETURN, SPACE] = [9, 10, 13, 32];
const [PLUS, COMMA, MINUS, POINT, ZERO, NINE, COLON] = [43, 44, 45, 46, 48, 57, 58];
const [OPEN_ARRAY, CLOSE_ARRAY, SMALL_E, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 101, 123, 125];
const LOWER_CASE = 32;
const NAME = [...Buffer.from('"data"')];

/** The powers of ten that a double holds exactly. */
const TENS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Digits that a 32-bit integer holds. */
const DIGITS = 9;
/** Significant digits that a double holds exactly. */
const EXACT_DIGITS = 15;
/** And so many with a relative error below this bound, after the roundings of two halves, their sum and its scaling. */
const MOST_DIGITS = 18;
const ERROR_BOUND = 2 ** -50;

const isSpace = (byte: number | undefined) =>
  byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
const isDigit = (byte: number | undefined) => byte! >= ZERO && byte! <= NINE;

function afterSpace(bytes: Buffer, at: number): number {
  while (isSpace(bytes[at])) at++;
  return at;
}

/** Where the rows begin: after `{"data": [`. -1 where the body begins otherwise. */
function afterHead(bytes: Buffer): number {
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== OPEN_OBJECT) return -1;
  at = afterSpace(bytes, at + 1);
  for (const character of NAME) if (bytes[at++] !== character) return -1;
  at = afterSpace(bytes, at);
  if (bytes[at] !== COLON) return -1;
  at = afterSpace(bytes, at + 1);
  return bytes[at] === OPEN_ARRAY ? at + 1 : -1;
}

/** Whether the body ends here: with a brace. */
function isTail(bytes: Buffer, at: number): boolean {
  at = afterSpace(bytes, at);
  return bytes[at] === CLOSE_OBJECT && afterSpace(bytes, at + 1) === bytes.length;
}

/** Where the exponent ends whose sign or first digit is here. */
function afterExponent(bytes: Buffer, at: number): number {
  if (bytes[at] === MINUS || bytes[at] === PLUS) at++;
  while (isDigit(bytes[at])) at++;
  return at;
}

/** Where a table's cells are gathered until it is known how many they are; a larger table gets one of its own. */
const gathered = new Float32Array(16_384);

/** The same floats with room for at least so many. */
function withRoom(floats: Float32Array, least: number): Float32Array {
  const larger = new Float32Array(Math.max(least, 2 * floats.length));
  larger.set(floats);
  return larger;
}

/**
 * Reads `{"data": [[…], …]}` for a model with one tensor of float32. Each number becomes the float32 nearest to the double that
 * JSON.parse makes of it: by Clinger's fast path where that double is exact, and with up to 18 digits where all doubles within
 * the error bound have the same nearest float32. One function, since this is most of what the app itself does for a request.
 * @returns undefined for anything else, for anything wrong, and for a number of more digits, a larger exponent or a doubt:
 * then JSON.parse reads the body again, and forms.ts says what is wrong.
 */
export function readNumberTable(body: Buffer, { inputs, width }: Signature): NumberTable | undefined {
  if (inputs.length !== 1 || inputs[0]!.type !== "float32") return undefined;
  let at = afterHead(body);
  if (at === -1) return undefined;
  let floats: Float32Array = gathered;
  let cells = 0;
  let next: number | undefined;
  do {
    while (isSpace(body[at])) at++;
    if (body[at++] !== OPEN_ARRAY) return undefined;
    const end = cells + width;
    if (end > floats.length) floats = withRoom(floats, end);
    do {
      while (isSpace(body[at])) at++;
      const negative = body[at] === MINUS;
      if (negative) at++;
      const first = at;
      let significand = 0;
      for (; isDigit(body[at]); at++) significand = significand * 10 + body[at]! - ZERO;
      let digits = at - first;
      if (digits === 0 || digits > EXACT_DIGITS || (digits > 1 && body[first] === ZERO)) return undefined;
      let exponent = 0;
      if (body[at] === POINT) {
        const point = ++at;
        if (significand === 0) {
          while (body[at] === ZERO) at++;
          digits = 0;
        }
        const start = at;
        const half = at + DIGITS;
        let fraction = 0;
        for (; at < half && isDigit(body[at]); at++) fraction = (fraction * 10 + body[at]! - ZERO) | 0;
        if (at === half) {
          let rest = 0;
          for (; at < half + DIGITS && isDigit(body[at]); at++) rest = (rest * 10 + body[at]! - ZERO) | 0;
          fraction = fraction * TENS[at - half]! + rest;
        }
        digits += at - start;
        exponent = point - at;
        if (exponent === 0 || digits > MOST_DIGITS) return undefined;
        significand = significand * TENS[at - start]! + fraction;
      }
      if ((body[at]! | LOWER_CASE) === SMALL_E) {
        const start = at + 1;
        at = afterExponent(body, start);
        if (!isDigit(body[at - 1])) return undefined;
        exponent += Number(body.toString("latin1", start, at));
      }
      if (exponent >= TENS.length || exponent <= -TENS.length || cells === end) return undefined;
      const double = exponent < 0 ? significand / TENS[-exponent]! : significand * TENS[exponent]!;
      const float = Math.fround(double);
      if (float === Number.POSITIVE_INFINITY) return undefined;
      if (digits > EXACT_DIGITS) {
        const error = double * ERROR_BOUND;
        if (Math.fround(double - error) !== float || Math.fround(double + error) !== float) return undefined;
      }
      floats[cells++] = negative ? -float : float;
      while (isSpace(body[at])) at++;
      next = body[at++];
    } while (next === COMMA);
    if (next !== CLOSE_ARRAY || cells !== end) return undefined;
    while (isSpace(body[at])) at++;
    next = body[at++];
  } while (next === COMMA);
  if (next !== CLOSE_ARRAY || !isTail(body, at)) return undefined;
  const values = allocateShared("float32", cells) as Float32Array;
  for (let i = 0; i < cells; i++) values[i] = floats[i]!;
  return new NumberTable({ rows: cells / width, values: [values] });
}
