import { badRequest } from "../errors.ts";
import { shown } from "./cells.ts";
import type { ModelInput } from "./signature.ts";

/**
 * Rows with their cells in order, where a model has inputs of more dimensions than columns, as images: their cells may be nested. A row
 * of a model with one input is then such an array itself; of several inputs it has one in the place of the cells. Flat rows stay.
 * @throws ScoringError 400 naming the row, and what was expected and given.
 */
export function flatRows(inputs: ModelInput[], rows: unknown[]): unknown[] {
  if (!inputs.some(({ dims }) => dims.length > 1)) return rows;
  return rows.map((row, index) =>
    Array.isArray(row) && row.some(Array.isArray) ? flatRow(inputs, row, index) : row,
  );
}

function flatRow(inputs: ModelInput[], row: unknown[], index: number): unknown[] {
  const cells: unknown[] = [];
  const [first, ...others] = inputs;
  if (others.length === 0) {
    flatten(row, first!, 0, cells, index);
    return cells;
  }
  let at = 0;
  for (const input of inputs) {
    if (input.dims.length > 1 && Array.isArray(row[at])) flatten(row[at++], input, 0, cells, index);
    else for (let cell = 0; cell < input.width; cell++) cells.push(row[at++]);
  }
  if (at !== row.length) throw badRequest(`row ${index}: expected ${at} values, given ${row.length}`);
  return cells;
}

function flatten(value: unknown, input: ModelInput, axis: number, cells: unknown[], row: number): void {
  const { name, dims } = input;
  if (axis === dims.length) {
    cells.push(value);
    return;
  }
  if (!Array.isArray(value) || value.length !== dims[axis]) {
    const whole = `${dims.join(" × ")} values of input "${name}", nested so or flat`;
    throw badRequest(`row ${row}: expected ${whole}, given ${shown(value)} in dimension ${axis}`);
  }
  for (const item of value) flatten(item, input, axis + 1, cells, row);
}
