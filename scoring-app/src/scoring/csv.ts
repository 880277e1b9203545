import { badRequest } from "../errors.ts";
import type { CellType, Signature } from "../model/signature.ts";

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

/** Records of RFC 4180: fields in quotes may hold commas, line ends and doubled quotes. */
function records(text: string): string[][] {
  const result: string[][] = [];
  let record: string[] = [];
  let at = 0;
  const endRecord = () => {
    if (record.length > 1 || record[0] !== "") result.push(record);
    record = [];
  };
  while (at <= text.length) {
    if (text[at] === '"') {
      let field = "";
      for (;;) {
        const quote = text.indexOf('"', at + 1);
        if (quote === -1) throw badRequest(`CSV record ${result.length}: a quoted field does not end`);
        field += text.slice(at + 1, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
      }
      record.push(field);
      if (at < text.length && !",\r\n".includes(text[at]!)) {
        throw badRequest(`CSV record ${result.length}: text after a closing quote`);
      }
    } else {
      let end = at;
      while (end < text.length && text[end] !== "," && text[end] !== "\n" && text[end] !== "\r") end++;
      record.push(text.slice(at, end));
      at = end;
    }
    if (text[at] === ",") {
      at++;
      continue;
    }
    endRecord();
    if (at >= text.length) break;
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
  }
  return result;
}

/** A cell as CSV writes it. */
export function csvCell(value: unknown): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) || text === "" ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Parses CSV with a header line.
 * @throws ScoringError 400 for an open quote, a record of another length, no header.
 */
export function parseCsv(text: string): CsvTable {
  const [columns, ...cells] = records(text.startsWith("\ufeff") ? text.slice(1) : text);
  if (!columns) throw badRequest("CSV: expected a header line, given an empty body");
  for (const [row, record] of cells.entries()) {
    if (record.length !== columns.length) {
      throw badRequest(
        `row ${row}: expected ${columns.length} values as in the CSV header, given ${record.length}`,
      );
    }
  }
  return new CsvTable(columns, cells);
}

/** Text that is not of its type stays text, so that the model's check names row and column. */
function typed(cell: string, type: CellType): unknown {
  if (type === "string") return cell;
  const text = cell.trim();
  if (text === "") return null;
  if (type === "bool") return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : cell;
  if (/^nan$/i.test(text)) return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : cell;
}

/** Rows in the model's column order, cells in the model's types. */
export function typedRows(table: CsvTable, signature: Signature, positions: number[]): unknown[][] {
  const types = signature.inputs.flatMap((input) => new Array<CellType>(input.width).fill(input.type));
  return table.cells.map((record) =>
    positions.map((position, column) => typed(record[position]!, types[column]!)),
  );
}
