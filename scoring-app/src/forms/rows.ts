import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { Model } from "../model/model.ts";

/** What several forms have in common. All of it throws ScoringError 400 that names what was expected and what was given. */

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Positions of the model's columns in a table with these headings: their own order where the model's have no names. */
export function positionsOf(model: Model, given: unknown[], where: string): number[] {
  const { columns, width } = model.signature;
  if (!columns) {
    if (given.length !== width)
      throw badRequest(`${where}: expected ${width} columns, given ${given.length}`);
    return given.map((_, index) => index);
  }
  const unknown = given.find((name) => !columns.includes(name as string));
  if (unknown !== undefined)
    throw badRequest(`${where}: unknown column ${shown(unknown)}, expected ${columns.join(", ")}`);
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  if (twice !== undefined) throw badRequest(`${where}: column ${shown(twice)} is there twice`);
  const missing = columns.find((name) => !given.includes(name));
  if (missing !== undefined) throw badRequest(`${where}: column "${missing}" is missing`);
  return columns.map((name) => given.indexOf(name));
}

function recordRow(record: Json, columns: string[], row: number): unknown[] {
  const cells = new Array<unknown>(columns.length);
  for (let c = 0; c < columns.length; c++) {
    if (!Object.hasOwn(record, columns[c]!))
      throw badRequest(`row ${row}: column "${columns[c]}" is missing`);
    cells[c] = record[columns[c]!];
  }
  for (const name in record) {
    if (!columns.includes(name)) {
      throw badRequest(`row ${row}: unknown column ${shown(name)}, expected ${columns.join(", ")}`);
    }
  }
  return cells;
}

/** Rows as arrays, or records whose keys are the model's columns. */
export function rowsOf(model: Model, data: unknown, where: string): unknown[] {
  if (!Array.isArray(data)) throw badRequest(`${where}: expected an array of rows, given ${shown(data)}`);
  if (!isObject(data[0])) return data;
  const columns = model.signature.columns;
  if (!columns) {
    throw badRequest(
      `${where}: the columns of model "${model.name}" have no names (model.json gives them); send rows`,
    );
  }
  return data.map((record, row) => {
    if (!isObject(record))
      throw badRequest(`row ${row}: expected an object as row 0, given ${shown(record)}`);
    return recordRow(record, columns, row);
  });
}
