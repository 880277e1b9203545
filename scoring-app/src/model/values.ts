import type { Tensor } from "onnxruntime-node";
import type { Outcome } from "./runner.ts";

// Node 22 and newer have it; TypeScript's library does not yet.
const { rawJSON } = JSON as unknown as { rawJSON(digits: string): unknown };

/** Integers that a double cannot hold are written with all their digits. */
function integer(value: bigint): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : rawJSON(String(value));
}

function cellsOf(tensor: Tensor, from: number, to: number): unknown[] {
  const part = tensor.data.slice(from, to);
  if (tensor.type === "bool") return Array.from(part as Uint8Array, (value) => value !== 0);
  if (part instanceof BigInt64Array || part instanceof BigUint64Array) return Array.from(part, integer);
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

/**
 * A request's predictions, one a row: a value where the tensor has one cell a row, else (or where `asRows`) an array.
 */
export function rowValues(outcome: Outcome, output: number, asRows = false): unknown[] {
  const cells = flatValues(outcome, output);
  const size = rowSize(outcome.tensors[output]!);
  if (size === 1 && !asRows) return cells;
  return Array.from({ length: outcome.rows }, (_, row) => cells.slice(row * size, (row + 1) * size));
}
