import { badRequest } from "../errors.ts";
import type { CellType, ModelInput } from "./signature.ts";

/** A tensor's values in row order; its dimensions follow from its input's width. */
export type Values =
  | Float32Array
  | Float64Array
  | Float16Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | string[];

/** Values for every input of a model, in its order. */
export interface Feed {
  rows: number;
  values: Values[];
}

/** Allocates the values of `count` cells. */
export function allocate(type: CellType, count: number): Values {
  switch (type) {
    case "float32":
      return new Float32Array(count);
    case "float64":
      return new Float64Array(count);
    case "float16":
      return new Float16Array(count);
    case "int64":
      return new BigInt64Array(count);
    case "int32":
      return new Int32Array(count);
    case "uint8":
    case "bool":
      return new Uint8Array(count);
    case "string":
      return new Array<string>(count);
  }
}

const POOL_BYTES = 65_536;
let pool = new ArrayBuffer(POOL_BYTES);
let used = 0;

/** As `allocate`, where every cell will be written: small float arrays share a buffer, which costs less than one each. */
export function allocateShared(type: CellType, count: number): Values {
  if (type !== "float32" || count > POOL_BYTES / 64) return allocate(type, count);
  const bytes = count * Float32Array.BYTES_PER_ELEMENT;
  if (used + bytes > POOL_BYTES) {
    pool = new ArrayBuffer(POOL_BYTES);
    used = 0;
  }
  const values = new Float32Array(pool, used, count);
  used += bytes;
  return values;
}

/** What a cell of each type may be, in the words of an error message. */
const EXPECTED: Record<CellType, string> = {
  float32: "a number within ±3.4e38 or null",
  float64: "a number or null",
  float16: "a number within ±65504 or null",
  int64: "an integer of 64 bits",
  int32: "an integer of 32 bits",
  uint8: "an integer from 0 to 255",
  bool: "true or false",
  string: "a string",
};

/**
 * Writes one cell.
 * @returns false where the value is not one of its type; null is NaN where the type has one.
 */
type Writer = (values: Values, index: number, cell: unknown) => boolean;

/** What is no number in a column of floats: NaN for null, and the nearest float for an integer that was read exactly. */
function writeNull(values: Values, index: number, cell: unknown, write: Writer): boolean {
  if (typeof cell === "bigint") return write(values, index, Number(cell));
  (values as Float64Array)[index] = Number.NaN;
  return cell === null;
}

const WRITERS: Record<CellType, Writer> = {
  float32: (values, index, cell) => {
    if (typeof cell === "number") {
      (values as Float32Array)[index] = cell;
      return Number.isFinite((values as Float32Array)[index]) || !Number.isFinite(cell);
    }
    return writeNull(values, index, cell, WRITERS.float32);
  },
  float64: (values, index, cell) => {
    if (typeof cell === "number") {
      (values as Float64Array)[index] = cell;
      return true;
    }
    return writeNull(values, index, cell, WRITERS.float64);
  },
  float16: (values, index, cell) => {
    if (typeof cell === "number") {
      (values as Float16Array)[index] = cell;
      return Number.isFinite((values as Float16Array)[index]) || !Number.isFinite(cell);
    }
    return writeNull(values, index, cell, WRITERS.float16);
  },
  int64: (values, index, cell) => {
    if (typeof cell !== "bigint" && !Number.isSafeInteger(cell)) return false;
    const integer = BigInt(cell as bigint | number);
    (values as BigInt64Array)[index] = integer;
    return (values as BigInt64Array)[index] === integer;
  },
  int32: (values, index, cell) => {
    // Of a BigInt it would throw.
    if (typeof cell !== "number") return false;
    (values as Int32Array)[index] = cell;
    return (values as Int32Array)[index] === cell;
  },
  uint8: (values, index, cell) => {
    if (typeof cell !== "number") return false;
    (values as Uint8Array)[index] = cell;
    return (values as Uint8Array)[index] === cell;
  },
  bool: (values, index, cell) => {
    (values as Uint8Array)[index] = cell === true ? 1 : 0;
    return typeof cell === "boolean";
  },
  string: (values, index, cell) => {
    (values as string[])[index] = cell as string;
    return typeof cell === "string";
  },
};

/**
 * Writes one cell of a type.
 * @returns false where the value is not one of that type.
 */
export function writeCell(type: CellType, values: Values, index: number, cell: unknown): boolean {
  return WRITERS[type](values, index, cell);
}

/** A value as an error message shows it: short, and without walking into what a stranger nested. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (value === undefined) return "nothing";
  const isNumber = typeof value === "number" || typeof value === "bigint";
  const text = isNumber ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Column of an input as people count or name it. */
function columnName(input: ModelInput, offset: number, column: number): string {
  const name = input.columns?.[column];
  return name === undefined ? String(offset + column) : `${offset + column} ("${name}")`;
}

/** 400 that names row, column, expected and given. */
export function cellError(row: number, column: string, type: CellType, given: unknown) {
  return badRequest(
    `row ${row}, column ${column}: expected ${EXPECTED[type]} (${type}), given ${shown(given)}`,
  );
}

/**
 * Turns rows (each an array with a cell a column) into a feed.
 * @throws ScoringError 400 naming row, column, expected and given.
 */
export function encodeRows(inputs: ModelInput[], width: number, rows: unknown[]): Feed {
  const values = inputs.map((input) => allocateShared(input.type, rows.length * input.width));
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r];
    if (!Array.isArray(row))
      throw badRequest(`row ${r}: expected an array of ${width} values, given ${shown(row)}`);
    if (row.length !== width) throw badRequest(`row ${r}: expected ${width} values, given ${row.length}`);
    let offset = 0;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!;
      const target = values[i]!;
      const write = WRITERS[input.type];
      const start = r * input.width;
      for (let c = 0; c < input.width; c++) {
        if (!write(target, start + c, row[offset + c])) {
          throw cellError(r, columnName(input, offset, c), input.type, row[offset + c]);
        }
      }
      offset += input.width;
    }
  }
  return { rows: rows.length, values };
}

/** Rows of a feed, from one up to but not including another. */
export function partOf({ rows, values }: Feed, from: number, to: number): Feed {
  const part = (all: Values) => all.slice((all.length / rows) * from, (all.length / rows) * to);
  return { rows: to - from, values: values.map(part) };
}

/** Joins feeds of the same inputs into one, in order. */
export function joinFeeds(feeds: Feed[]): Feed {
  const first = feeds[0]!;
  if (feeds.length === 1) return first;
  let rows = 0;
  for (const feed of feeds) rows += feed.rows;
  const values = first.values.map((sample, input) => {
    if (Array.isArray(sample)) return feeds.flatMap((feed) => feed.values[input] as string[]);
    const width = sample.length / first.rows;
    const joined = new (sample.constructor as Float32ArrayConstructor)(rows * width);
    let offset = 0;
    for (const feed of feeds) {
      joined.set(feed.values[input] as Float32Array, offset);
      offset += feed.rows * width;
    }
    return joined;
  });
  return { rows, values };
}
