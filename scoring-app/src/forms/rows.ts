import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { Model } from "../model/model.ts";

/** What several forms have in common. All of it throws ScoringError 400 that names what was expected and what was given. */

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where each of a model's columns stands; made once a model. */
const places = new WeakMap<string[], Map<unknown, number>>();

function placesOf(columns: string[]): Map<unknown, number> {
  const known = places.get(columns);
  if (known) return known;
  const made = new Map<unknown, number>(columns.map((name, index) => [name, index]));
  places.set(columns, made);
  return made;
}

/** So many names of columns a message has at most. */
const MOST_NAMES = 30;

const unknownColumn = (where: string, name: unknown, columns: string[]) => {
  const more = columns.length > MOST_NAMES ? `, … (${columns.length} columns)` : "";
  const names = columns.slice(0, MOST_NAMES).join(", ");
  return badRequest(`${where}: unknown column ${shown(name)}, expected ${names}${more}`);
};

/** Positions of the model's columns in a table with these headings: their own order where the model's have no names. */
export function positionsOf(model: Model, given: unknown[], where: string): number[] {
  const { columns, width } = model.signature;
  if (!columns) {
    if (given.length !== width)
      throw badRequest(`${where}: expected ${width} columns, given ${given.length}`);
    return given.map((_, index) => index);
  }
  const place = placesOf(columns);
  const positions = new Array<number>(columns.length).fill(-1);
  let twice: unknown;
  for (const [index, name] of given.entries()) {
    const column = place.get(name);
    if (column === undefined) throw unknownColumn(where, name, columns);
    if (positions[column] === -1) positions[column] = index;
    else twice ??= name;
  }
  if (twice !== undefined) throw badRequest(`${where}: column ${shown(twice)} is there twice`);
  const missing = positions.indexOf(-1);
  if (missing !== -1) throw badRequest(`${where}: column "${columns[missing]}" is missing`);
  return positions;
}

/** The time that it takes grows with the number of columns, not with its square. */
function recordRow(record: Json, columns: string[], row: number): unknown[] {
  const names = Object.keys(record);
  const cells = new Array<unknown>(columns.length);
  let place: Map<unknown, number> | undefined;
  let found = 0;
  let unknown: string | undefined;
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    let column: number | undefined = index;
    // Most clients send the columns in the model's order.
    if (columns[index] !== name) {
      place ??= placesOf(columns);
      column = place.get(name);
    }
    if (column === undefined) unknown ??= name;
    else {
      cells[column] = record[name];
      found++;
    }
  }
  if (found < columns.length) {
    const missing = columns.find((name) => !Object.hasOwn(record, name));
    throw badRequest(`row ${row}: column "${missing}" is missing`);
  }
  if (unknown !== undefined) throw unknownColumn(`row ${row}`, unknown, columns);
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
