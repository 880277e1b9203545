import type { CellType, Signature } from "../model/signature.ts";

/** A schema of OpenAPI 3. */
export type Schema = Record<string, unknown>;

/** The largest double that is a finite float32 when rounded. */
const FLOAT32 = 3.4028235677973362e38;
const CELLS: Record<CellType, Schema> = {
  float32: { type: "number", minimum: -FLOAT32, maximum: FLOAT32, nullable: true },
  float64: { type: "number", nullable: true },
  int64: { type: "integer", format: "int64" },
  int32: { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  bool: { type: "boolean" },
  string: { type: "string" },
};

export const listOf = (items: Schema, length?: number): Schema => ({
  type: "array",
  items,
  ...(length !== undefined && { minItems: length, maxItems: length }),
});

export const objectWith = (required: string, properties: Schema): Schema => ({
  type: "object",
  required: [required],
  properties,
  additionalProperties: false,
});

/** A model's rows as arrays and, where its columns have names, as records. */
export function rowsSchema({ inputs, width, columns }: Signature): Schema {
  const types = inputs.flatMap((input) => new Array<CellType>(input.width).fill(input.type));
  const distinct = [...new Set(types)].map((type) => CELLS[type]);
  const row = listOf(distinct.length === 1 ? distinct[0]! : { anyOf: distinct }, width);
  if (!columns) return listOf(row);
  const record = {
    type: "object",
    required: columns,
    properties: Object.fromEntries(columns.map((name, column) => [name, CELLS[types[column]!]])),
    additionalProperties: false,
  };
  return { anyOf: [listOf(row), listOf(record)] };
}

/** Where a body says what is asked of a model. */
export function methodSchema({ probabilities }: Signature): Schema {
  const methods = probabilities.length > 0 ? ["predict", "predict_proba"] : ["predict"];
  return { type: "string", enum: [...methods, null], nullable: true };
}

/** An object that holds the method. */
export const methodHolderSchema = (signature: Signature): Schema => ({
  type: "object",
  properties: { method: methodSchema(signature) },
  additionalProperties: false,
  nullable: true,
});

/** What /score answers to most forms: a value or an array a row. */
export const PREDICTIONS = listOf({});
