import { badRequest } from "../errors.ts";
import { allocate, cellError, type Values, writeCell } from "../model/cells.ts";
import type { CellType } from "../model/signature.ts";

/** The Open Inference Protocol's names of tensor types; an output may have more of them than an input. */
export const DATATYPES: Record<CellType, string> & Record<string, string | undefined> = {
  float32: "FP32",
  float64: "FP64",
  float16: "FP16",
  int64: "INT64",
  int32: "INT32",
  uint8: "UINT8",
  bool: "BOOL",
  string: "BYTES",
  int8: "INT8",
  int16: "INT16",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
};

/** How numbers of each datatype lie in the binary data extension: little-endian. */
const NUMBERS: Record<string, [size: number, read: (view: DataView, at: number) => number | bigint]> = {
  FP32: [4, (view, at) => view.getFloat32(at, true)],
  FP16: [2, (view, at) => view.getFloat16(at, true)],
  FP64: [8, (view, at) => view.getFloat64(at, true)],
  INT8: [1, (view, at) => view.getInt8(at)],
  INT16: [2, (view, at) => view.getInt16(at, true)],
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, (view, at) => view.getBigInt64(at, true)],
  UINT8: [1, (view, at) => view.getUint8(at)],
  UINT16: [2, (view, at) => view.getUint16(at, true)],
  UINT32: [4, (view, at) => view.getUint32(at, true)],
  UINT64: [8, (view, at) => view.getBigUint64(at, true)],
};

/** @throws ScoringError 400 where a datatype cannot stand for the model's type. */
export function checkDatatype(where: string, type: CellType, datatype: unknown): asserts datatype is string {
  const wanted = DATATYPES[type];
  const numeric = type !== "bool" && type !== "string";
  if (datatype === wanted || (numeric && typeof datatype === "string" && Object.hasOwn(NUMBERS, datatype)))
    return;
  throw badRequest(`${where}: expected datatype ${wanted}, given ${String(datatype)}`);
}

/** Values from JSON cells, flat. */
export function fromCells(
  type: CellType,
  width: number,
  columns: string[] | undefined,
  cells: unknown[],
): Values {
  const values = allocate(type, cells.length);
  for (let i = 0; i < cells.length; i++) {
    if (writeCell(type, values, i, cells[i])) continue;
    const column = i % width;
    throw cellError(Math.floor(i / width), columns?.[column] ?? String(column), type, cells[i]);
  }
  return values;
}

/**
 * Values from the binary data extension.
 * @throws ScoringError 400 where the bytes are not `count` values.
 */
export function fromBytes(
  where: string,
  type: CellType,
  datatype: string,
  count: number,
  bytes: Buffer,
): Values {
  if (type === "string") return fromStrings(where, count, bytes);
  const [size, read] = datatype === "BOOL" ? NUMBERS.UINT8! : NUMBERS[datatype]!;
  if (bytes.length !== count * size) {
    throw badRequest(
      `${where}: ${bytes.length} bytes for ${count} values of ${datatype}, which take ${count * size}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = allocate(type, count);
  if (values instanceof BigInt64Array) {
    for (let i = 0; i < count; i++) {
      const value = read(view, i * size);
      if (typeof value === "number" && !Number.isInteger(value)) throw cellError(i, "0", type, value);
      values[i] = BigInt(value);
      if (values[i] !== BigInt(value)) throw badRequest(`${where}: ${value} does not fit INT64`);
    }
    return values;
  }
  const numbers = values as Float32Array;
  for (let i = 0; i < count; i++) {
    const value = Number(read(view, i * size));
    numbers[i] = type === "bool" ? Number(value !== 0) : value;
    if ((type === "int32" || type === "uint8") && numbers[i] !== value) throw cellError(i, "0", type, value);
  }
  return values;
}

/** BYTES: each value is a length of four bytes and that many bytes of UTF-8. */
function fromStrings(where: string, count: number, bytes: Buffer): string[] {
  const values: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    values.push(bytes.toString("utf8", at + 4, end));
    at = end;
  }
  if (at !== bytes.length || values.length !== count) {
    throw badRequest(
      `${where}: ${bytes.length} bytes do not hold ${count} values of BYTES (length, then bytes)`,
    );
  }
  return values;
}

/** The same bytes for a part of an output tensor. */
export function toBytes(type: string, data: ArrayLike<unknown>): Buffer {
  if (type === "string") {
    return Buffer.concat(
      Array.from(data as ArrayLike<string>, (value) => {
        const text = Buffer.from(value);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, text]);
      }),
    );
  }
  const view = data as unknown as Float32Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
