import type { MlflowModel, Spec } from "./model-file.ts";

type Schema = Record<string, unknown>;

const CELLS: Record<string, Schema> = {
  boolean: { type: "boolean" },
  integer: { type: "integer", format: "int32" },
  long: { type: "integer", format: "int64" },
  float: { type: "number", format: "float" },
  double: { type: "number", format: "double" },
  string: { type: "string" },
  binary: { type: "string", format: "byte" },
  datetime: { type: "string", format: "date-time" },
};

const listOf = (items: Schema): Schema => ({ type: "array", items });
const objectWith = (properties: Schema, required: string[] = Object.keys(properties)): Schema => ({
  type: "object",
  properties,
  ...(required.length > 0 && { required }),
});

/** One value of a column; columns of arrays and objects have any. */
function cellOf({ type, required }: Spec): Schema {
  const cell = CELLS[type];
  return cell ? { ...cell, ...(required === false && { nullable: true }) } : {};
}

function tensorOf(spec: Spec): Schema {
  const { dtype, shape } = spec["tensor-spec"]!;
  const item = /^(u?int)/.test(dtype)
    ? "integer"
    : /^float/.test(dtype)
      ? "number"
      : dtype === "bool"
        ? "boolean"
        : "";
  const cell: Schema = item ? { type: item } : dtype === "str" ? { type: "string" } : {};
  return shape.reduceRight<Schema>(
    (items, size) => ({ ...listOf(items), ...(size >= 0 && { minItems: size, maxItems: size }) }),
    cell,
  );
}

const isTensor = (spec: Spec | undefined) => spec?.type === "tensor";
const isNamed = (specs: Spec[]) => specs[0]?.name !== undefined;
const named = (specs: Spec[], schema: (spec: Spec) => Schema) =>
  objectWith(
    Object.fromEntries(specs.map((spec) => [spec.name!, schema(spec)])),
    specs.filter(({ required }) => required !== false).map(({ name }) => name!),
  );

/** Rows with labels of columns, as pandas' to_dict(orient="split") writes them. */
function table(specs: Spec[] | null): Schema {
  const columns = specs && !isTensor(specs[0]) && isNamed(specs) ? specs.map(({ name }) => name!) : undefined;
  return objectWith(
    {
      columns: { ...listOf({ type: "string" }), ...(columns && { example: columns }) },
      index: listOf({}),
      data: listOf(listOf({})),
    },
    ["data"],
  );
}

/** What `instances` and `inputs` take: tensors, or values of columns. */
function instances(specs: Spec[] | null): { rows: Schema; columns: Schema } {
  if (!specs || specs.length === 0) return { rows: {}, columns: {} };
  const [first] = specs;
  if (isTensor(first)) {
    if (!isNamed(specs)) return { rows: tensorOf(first!), columns: tensorOf(first!) };
    const each = (spec: Spec) => (tensorOf(spec).items as Schema | undefined) ?? {};
    return { rows: listOf(named(specs, each)), columns: named(specs, tensorOf) };
  }
  if (!isNamed(specs)) return { rows: listOf({}), columns: listOf({}) };
  return { rows: listOf(named(specs, cellOf)), columns: named(specs, (spec) => listOf(cellOf(spec))) };
}

/** Of bodies of /invocations. */
export function invocationInputs({ inputs }: MlflowModel): Schema[] {
  const { rows, columns } = instances(inputs);
  const records =
    inputs && !isTensor(inputs[0]) && isNamed(inputs) ? named(inputs, cellOf) : { type: "object" };
  return [
    objectWith({ dataframe_split: table(inputs) }),
    objectWith({ dataframe_records: listOf(records) }),
    objectWith({ instances: rows }),
    objectWith({ inputs: { anyOf: [columns, rows] } }),
  ];
}

/** Of bodies of /score. */
export const scoreInputs = (model: MlflowModel): Schema[] => [
  objectWith({ input_data: { anyOf: [table(model.inputs), instances(model.inputs).rows] } }),
  ...invocationInputs(model),
];

/** Of the predictions. */
export function predictionsOf({ outputs }: MlflowModel): Schema {
  if (!outputs || outputs.length === 0) return {};
  if (isTensor(outputs[0])) return isNamed(outputs) ? named(outputs, tensorOf) : tensorOf(outputs[0]!);
  if (isNamed(outputs)) return listOf(named(outputs, cellOf));
  return outputs.length === 1 ? listOf(cellOf(outputs[0]!)) : listOf(listOf({}));
}
