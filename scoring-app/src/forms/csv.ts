import Papa from "papaparse";
import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { CellType, Signature } from "../model/signature.ts";
import type { Form } from "./form.ts";
import { positionsOf } from "./rows.ts";

/** A text/csv body: what run() of an entry script is given for one. */
export class CsvTable {
  readonly columns: string[];
  /** Text as it stood; which cell is a number is the model's to say. */
  readonly cells: string[][];

  constructor(columns: string[], cells: string[][]) {
    this.columns = columns;
    this.cells = cells;
  }
}

/** CSV with a header line. */
export const csv: Form = {
  contentType: "text/csv",
  names: ["text/csv with a header line"],
  parse: parseCsv,
  matches: (body) => body instanceof CsvTable,
  read(model, body) {
    const table = body as CsvTable;
    const { signature } = model;
    if (!signature.columns) checkHeader(table.columns);
    // The index of a data frame, which pandas writes first and without a name unless told otherwise.
    const index = table.columns[0] === "" && table.columns.length === signature.width + 1 ? 1 : 0;
    const positions = positionsOf(model, table.columns.slice(index), "CSV header");
    const rows = typedRows(
      table,
      signature,
      positions.map((position) => position + index),
    );
    return { rows, method: "predict" };
  },
  schema: () => ({ type: "string", description: "A header line, then a line a row" }),
  example({ sample, signature: { columns } }) {
    const header = columns ?? sample.map((_, column) => String(column));
    return [header, sample].map((cells) => `${cells.map(csvCell).join(",")}\n`).join("");
  },
};

const FAULTS: Record<string, string> = {
  MissingQuotes: "a quoted field does not end",
  InvalidQuotes: "text after a closing quote",
};

/** A cell as CSV writes it. */
export function csvCell(value: unknown): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) || text === "" ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Where the quoted field ends whose first quote is here. */
function afterQuoted(text: string, at: number): number {
  do {
    at = text.indexOf('"', at + 1) + 1;
    if (at === 0) return text.length;
  } while (text[at] === '"');
  return at;
}

/**
 * Papa Parse takes one kind of line end a text, and cannot tell a line without a character, which is no record, from an empty cell in
 * quotes, which is one. In quoted fields line ends stay as they are; a quote within another field is a character as any.
 */
function oneLineARecord(text: string): string {
  const isSo = !/\r|\n\n|^\n/.test(text);
  let lines = isSo ? text : "";
  for (let at = lines.length; at < text.length; ) {
    const found = text.indexOf('"', at);
    const quote = found === -1 ? text.length : found;
    lines += text.slice(at, quote).replaceAll(/[\r\n]+/g, "\n");
    at = quote === 0 || ",\r\n".includes(text[quote - 1]!) ? afterQuoted(text, quote) : quote + 1;
    lines += text.slice(quote, at);
  }
  return lines.slice(lines.startsWith("\n") ? 1 : 0, lines.endsWith("\n") ? -1 : undefined);
}

/**
 * Parses CSV (RFC 4180) with a header line. Papa Parse: typed, without dependencies, and takes a third of csv-parse's time.
 * @throws ScoringError 400 for an open quote, a record of another length, no header.
 */
export function parseCsv(text: string): CsvTable {
  const lines = oneLineARecord(text);
  if (lines === "") throw badRequest("CSV: expected a header line, given an empty body");
  const { data, errors } = Papa.parse<string[]>(lines, { delimiter: ",", newline: "\n" });
  const [fault] = errors;
  if (fault) throw badRequest(`CSV record ${fault.row}: ${FAULTS[fault.code] ?? fault.message}`);
  const [columns = [], ...cells] = data;
  for (const [row, record] of cells.entries()) {
    if (record.length !== columns.length) {
      throw badRequest(
        `row ${row}: expected ${columns.length} values as in the CSV header, given ${record.length}`,
      );
    }
  }
  return new CsvTable(columns, cells);
}

/** A first record of numbers, other than the 0, 1, 2, … that pandas writes, is a row: the header was forgotten. */
function checkHeader(columns: string[]): void {
  const isNumber = (cell: string) => cell.trim() !== "" && !Number.isNaN(Number(cell));
  if (columns.every(isNumber) && !columns.every((name, index) => name === String(index))) {
    throw badRequest(`CSV: expected a header line, given ${shown(columns.join(","))}`);
  }
}

/** Text that is not of its type stays text, so that the model's check names row and column. */
function typed(cell: string, type: CellType): unknown {
  if (type === "string") return cell;
  const text = cell.trim();
  if (text === "") return null;
  if (type === "bool") return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : cell;
  if (/^nan$/i.test(text)) return null;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return cell;
  return type === "int64" && /^[+-]?\d{16,20}$/.test(text) ? BigInt(text.replace("+", "")) : Number(text);
}

/** Rows in the model's column order, cells in the model's types. */
export function typedRows(table: CsvTable, signature: Signature, positions: number[]): unknown[][] {
  const types = signature.inputs.flatMap((input) => new Array<CellType>(input.width).fill(input.type));
  return table.cells.map((record) =>
    positions.map((position, column) => typed(record[position]!, types[column]!)),
  );
}
