import { integer } from "../exact-json.ts";
import type { Tensor } from "../runtime/runtime.ts";
import type { Outcome } from "./runner.ts";

/** Decimal places that leave nine significant digits, by power of ten of the value. */
const PLACES = [1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1];

/**
 * A float32 as the short decimal that stands for it (4073.05029, not 4073.05029296875): nine significant digits tell
 * every float32 apart. Less to send, and half the time to write.
 */
export function shortFloat(value: number): number {
  const size = Math.abs(value);
  let power = 0;
  if (size >= 1e8 || size < 1e-3) return value;
  for (let bound = 10; size >= bound; bound *= 10) power++;
  const scale = size < 1 ? 1e11 : PLACES[power]!;
  const short = Math.round(value * scale) / scale;
  return Math.fround(short) === value ? short : value;
}

/** A float16 as the short decimal that stands for it: five significant digits tell every one apart. */
const shortHalf = (value: number) => Number(value.toPrecision(5));

function cellsOf(tensor: Tensor, from: number, to: number): unknown[] {
  const { data } = tensor;
  if (data instanceof Float32Array) {
    const cells = new Array<number>(to - from);
    for (let i = from; i < to; i++) cells[i - from] = shortFloat(data[i]!);
    return cells;
  }
  const part = data.slice(from, to);
  if (tensor.type === "bool") return Array.from(part as Uint8Array, (value) => value !== 0);
  if (part instanceof BigInt64Array || part instanceof BigUint64Array) return Array.from(part, integer);
  if (tensor.type === "float16") return Array.from(part as Float16Array, shortHalf);
  return Array.from(part as ArrayLike<unknown>);
}

/** Number of cells that a row of a tensor has. */
export function rowSize(tensor: Tensor): number {
  let size = 1;
  for (let axis = 1; axis < tensor.dims.length; axis++) size *= tensor.dims[axis]!;
  return size;
}

/** A request's cells of an output tensor, flat in row order. NaN becomes null in JSON. */
export function flatValues(outcome: Outcome, output: number): unknown[] {
  const tensor = outcome.tensors[output]!;
  const size = rowSize(tensor);
  return cellsOf(tensor, outcome.start * size, (outcome.start + outcome.rows) * size);
}

/** Cells as nested arrays: `count` of these dimensions. */
function nested(cells: unknown[], count: number, [size, ...others]: readonly number[]): unknown[] {
  const parts = others.length > 0 ? nested(cells, count * size!, others) : cells;
  return Array.from({ length: count }, (_, index) => parts.slice(index * size!, (index + 1) * size!));
}

/**
 * A request's predictions, one a row: a value where the tensor has one cell a row, else an array, nested as the tensor.
 * @param asRows a flat array a row, in any case.
 */
export function rowValues(outcome: Outcome, output: number, asRows = false): unknown[] {
  const cells = flatValues(outcome, output);
  const size = rowSize(outcome.tensors[output]!);
  if (size === 1 && !asRows) return cells;
  const { dims } = outcome.tensors[output]!;
  return nested(cells, outcome.rows, asRows || dims.length < 3 ? [size] : dims.slice(1));
}
