import type { CellType, ModelInput, Signature } from "../model/signature.ts";

/** A schema of OpenAPI 3. */
export type Schema = Record<string, unknown>;

/** The largest double that is a finite float32 when rounded. */
const FLOAT32 = 3.4028235677973362e38;
/** What still rounds to 65504. */
const FLOAT16 = 65_519;
const CELLS: Record<CellType, Schema> = {
  float32: { type: "number", minimum: -FLOAT32, maximum: FLOAT32, nullable: true },
  float64: { type: "number", nullable: true },
  float16: { type: "number", minimum: -FLOAT16, maximum: FLOAT16, nullable: true },
  int64: { type: "integer", format: "int64" },
  int32: { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  uint8: { type: "integer", minimum: 0, maximum: 255 },
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

/** One of these, each once. */
function anyOf(schemas: Schema[]): Schema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  return distinct.length === 1 ? distinct[0]! : { anyOf: distinct };
}

const nested = (cell: Schema, dims: readonly number[]): Schema =>
  dims.reduceRight((items, size) => listOf(items, size), cell);

/** A row whose images are nested: an image itself where it is all that the model takes. */
function nestedRow(inputs: ModelInput[]): Schema {
  const parts = inputs.map(({ type, dims }) => (dims.length > 1 ? nested(CELLS[type], dims) : CELLS[type]));
  if (parts.length === 1) return parts[0]!;
  const places = inputs.map(({ dims, width }) => (dims.length > 1 ? 1 : width));
  return listOf(
    anyOf(parts),
    places.reduce((sum, count) => sum + count, 0),
  );
}

/** A model's rows as arrays and, where its columns have names, as records. */
export function rowsSchema({ inputs, width, columns }: Signature): Schema {
  const types = inputs.flatMap((input) => new Array<CellType>(input.width).fill(input.type));
  const distinct = [...new Set(types)].map((type) => CELLS[type]);
  const flat = listOf(anyOf(distinct), width);
  const row = inputs.some(({ dims }) => dims.length > 1) ? anyOf([flat, nestedRow(inputs)]) : flat;
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

/** A value of an output: NaN is null. */
function valueSchema(type: string): Schema {
  if (type === "string") return { type: "string" };
  if (type === "bool") return { type: "boolean" };
  return /int/.test(type) ? { type: "integer" } : { type: "number", nullable: true };
}

/** What /score answers to most forms: a value or an array a row. */
export function predictionsSchema({ outputs, layouts, predictions, probabilities }: Signature): Schema {
  const sizeOf = (output: number) => layouts[output]!.dims.reduce((product, size) => product * size, 1);
  const parts = predictions.map((output) => {
    const value = valueSchema(outputs[output]!.type);
    return sizeOf(output) === 1 ? value : nested(value, layouts[output]!.dims);
  });
  const row = parts.length === 1 ? parts[0]! : listOf(anyOf(parts), parts.length);
  if (probabilities.length === 0) return listOf(row);
  const classes = probabilities.reduce((sum, output) => sum + sizeOf(output), 0);
  return anyOf([listOf(row), listOf(listOf(valueSchema("float32"), classes))]);
}
