import { badRequest, ScoringError } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { Method, Model } from "../model/model.ts";
import { CsvTable, typedRows } from "./csv.ts";
import { NumberTable } from "./number-table.ts";

/** Rows in a model's column order, and how to score and wrap them. */
export interface Scoring {
  rows: unknown[];
  method: Method;
  /** `{"Results": […]}` instead of a bare array. */
  wrapped: boolean;
}

type Json = Record<string, unknown>;

const FORMS =
  '{"data": [[…]]}, {"data": [{…}]}, {"input_data": {"columns", "data"}} or {"Inputs": {"data": …}}';

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function methodOf(holder: unknown, where: string): Method {
  if (holder === undefined || holder === null) return "predict";
  if (holder === "predict" || holder === "predict_proba") return holder;
  throw badRequest(`${where}: expected "predict" or "predict_proba", given ${shown(holder)}`);
}

function methodIn(holder: unknown, where: string): Method {
  if (holder === undefined || holder === null) return "predict";
  if (!isObject(holder)) throw badRequest(`${where}: expected an object, given ${shown(holder)}`);
  return methodOf(holder.method, `${where}.method`);
}

/** Positions of the model's columns in a table with these headings: their own order where the model's have no names. */
function order(model: Model, given: unknown[], where: string): number[] {
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
function rowsOf(model: Model, data: unknown, where: string): unknown[] {
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

/** The data frame of MLflow and Azure ML, {"columns", "index", "data"}, or its rows alone, as of a tensor. */
function frameRows(model: Model, frame: unknown): unknown[] {
  if (Array.isArray(frame)) return rowsOf(model, frame, "input_data");
  if (!isObject(frame)) throw badRequest(`input_data: expected {"columns", "data"}, given ${shown(frame)}`);
  const rows = rowsOf(model, frame.data, "input_data.data");
  if (frame.index !== undefined && (!Array.isArray(frame.index) || frame.index.length !== rows.length)) {
    throw badRequest(`input_data.index: expected ${rows.length} values, one a row`);
  }
  if (frame.columns === undefined) return rows;
  if (!Array.isArray(frame.columns))
    throw badRequest("input_data.columns: expected an array of column names");
  const positions = order(model, frame.columns, "input_data.columns");
  return rows.map((row, r) => {
    if (!Array.isArray(row)) return row;
    if (row.length !== positions.length) {
      throw badRequest(`row ${r}: expected ${positions.length} values, given ${row.length}`);
    }
    return positions.map((position) => row[position]);
  });
}

/** A first record of numbers, other than the 0, 1, 2, … that pandas writes, is a row: the header was forgotten. */
function checkHeader(columns: string[]): void {
  const isNumber = (cell: string) => cell.trim() !== "" && !Number.isNaN(Number(cell));
  if (columns.every(isNumber) && !columns.every((name, index) => name === String(index))) {
    throw badRequest(`CSV: expected a header line, given ${shown(columns.join(","))}`);
  }
}

/**
 * Reads any of the request bodies that /score takes.
 * @throws ScoringError 400 naming what was expected and what was given.
 */
export function readForm(model: Model, body: unknown): Scoring {
  if (body instanceof CsvTable) {
    if (!model.signature.columns) checkHeader(body.columns);
    const rows = typedRows(body, model.signature, order(model, body.columns, "CSV header"));
    return { rows, method: "predict", wrapped: false };
  }
  if (!isObject(body)) throw badRequest(`expected ${FORMS}, given ${shown(body)}`);
  if (body.data !== undefined) {
    return {
      rows: rowsOf(model, body.data, "data"),
      method: methodOf(body.method, "method"),
      wrapped: false,
    };
  }
  if (body.input_data !== undefined) {
    return {
      rows: frameRows(model, body.input_data),
      method: methodIn(body.params, "params"),
      wrapped: false,
    };
  }
  if (body.Inputs !== undefined) {
    if (!isObject(body.Inputs)) throw badRequest(`Inputs: expected {"data": …}, given ${shown(body.Inputs)}`);
    return {
      rows: rowsOf(model, body.Inputs.data, "Inputs.data"),
      // Clients of automated ML's regressors send the number 1.0.
      method:
        typeof body.GlobalParameters === "number"
          ? "predict"
          : methodIn(body.GlobalParameters, "GlobalParameters"),
      wrapped: true,
    };
  }
  throw badRequest(`expected ${FORMS}, given an object without any of these`);
}

/**
 * Scores a request body with a model: what the default entry script does.
 * @param maxRows 413 for more rows.
 */
export function scoreBody(model: Model, body: unknown, maxRows: number): Promise<unknown> {
  if (body instanceof NumberTable) {
    checkRows(body.feed.rows, maxRows);
    return model.queueFeed(body.feed);
  }
  const { rows, method, wrapped } = readForm(model, body);
  checkRows(rows.length, maxRows);
  const predictions = model.queue(rows, method);
  return wrapped ? predictions.then((Results) => ({ Results })) : predictions;
}

/** 413 for more rows than a request may have. */
export function checkRows(rows: number, maxRows: number): void {
  if (rows > maxRows) throw new ScoringError(413, `${rows} rows; a request may have ${maxRows} (MAX_ROWS)`);
}
