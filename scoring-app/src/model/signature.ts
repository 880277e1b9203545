import type { DeclaredTensor, Session } from "../runtime/runtime.ts";
import type { DescribedInput, ModelDescription } from "./description.ts";
import { type Roles, rolesOf } from "./roles.ts";

/** Types of cells that a request can carry. */
export const CELL_TYPES = [
  "float32",
  "float64",
  "float16",
  "int64",
  "int32",
  "uint8",
  "bool",
  "string",
] as const;
export type CellType = (typeof CELL_TYPES)[number];

/** An input tensor: `width` consecutive cells of a row, in columns or, where it has more dimensions, as of an image. */
export interface ModelInput {
  name: string;
  type: CellType;
  /** Cells of a row: 1 where the model has one input a column. */
  width: number;
  /** Dimensions after that of the rows: [] and [width] of a table, e.g. [28, 28, 1] of images. */
  dims: readonly number[];
  /** Names, as many as `width`; undefined where neither file names them. */
  columns: string[] | undefined;
  sample: unknown[];
  /** All rows of model.json's sample, of which the first is `sample`; none where it gives none. */
  samples: unknown[][];
  /** Whether model.json gives the sample. */
  described: boolean;
  range: [number, number][] | undefined;
}

/** Whether requests share runs: where rows do not influence each other, always, or never. */
export type Gather = "auto" | "always" | "never";

/** What a model takes and gives, from its file and model.json, in agreement with each other. */
export interface Signature extends Roles {
  inputs: ModelInput[];
  outputs: readonly DeclaredTensor[];
  /** Sum of the inputs' widths: cells of one row. */
  width: number;
  /** Names of all columns in row order; undefined unless every one has a name. */
  columns: string[] | undefined;
  /** Most rows of one run: 1 where the converter fixed the batch to one row. */
  rowsPerRun: number;
  /** Why each request has a run of its own; undefined where requests are gathered. */
  alone: string | undefined;
  /** Whether runs have an even number of rows, the last one twice if need be: a row without a neighbour is added up in another order. */
  evenRows: boolean;
  /** Of each output what a row of it has, in the order of `outputs`; empty until the model has run. */
  layouts: OutputLayout[];
}

/** Whether a model's requests may have integers that a double does not hold. */
export const isExact = ({ inputs }: Signature): boolean => inputs.some(({ type }) => type === "int64");

/** What a run told of an output. */
export interface OutputLayout {
  /** Values a row in one column: 1 unless the output has a row's values one after another, as skl2onnx writes multi-output networks. */
  inColumn: number;
  /** Dimensions of a row's values; [] and [1] where it is one value. */
  dims: readonly number[];
}

/** One row of the inputs' samples. */
export const sampleRow = ({ inputs }: Signature): unknown[] => inputs.flatMap(({ sample }) => sample);

const BLANK: Record<CellType, unknown> = {
  float32: 0,
  float64: 0,
  float16: 0,
  int64: 0,
  int32: 0,
  uint8: 0,
  bool: false,
  string: "",
};

/**
 * Agrees what a model's file says with model.json.
 * @throws Error naming the input and what differs.
 */
export function signatureOf(session: Session, description: ModelDescription): Signature {
  const { file, outputs } = session;
  if (session.inputs.length === 0) throw new Error(`${file}: the model has no inputs`);
  const names = session.inputs.map(({ name }) => name);
  for (const described of description.inputs ?? []) {
    if (!names.includes(described.name)) {
      throw new Error(`model.json: no input "${described.name}" in ${file}, which has ${names.join(", ")}`);
    }
  }
  let rowsPerRun = Number.POSITIVE_INFINITY;
  const inputs = session.inputs.map((declared) => {
    const rows = declared.shape[0];
    if (typeof rows === "number") {
      if (rows !== 1) {
        throw new Error(
          `${file}: input "${declared.name}" takes exactly ${rows} rows a run; convert with a variable first dimension`,
        );
      }
      rowsPerRun = 1;
    }
    return inputOf(
      file,
      declared,
      description.inputs?.find((input) => input.name === declared.name),
    );
  });
  const columns = inputs.every((input) => input.columns)
    ? inputs.flatMap((input) => input.columns!)
    : undefined;
  const twice = columns?.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`model.json: two columns are named "${twice}"`);
  return {
    inputs,
    outputs,
    width: inputs.reduce((sum, input) => sum + input.width, 0),
    columns,
    rowsPerRun,
    alone: undefined,
    evenRows: false,
    layouts: [],
    ...rolesOf(outputs),
  };
}

function inputOf(file: string, declared: DeclaredTensor, described: DescribedInput | undefined): ModelInput {
  const { name, type, shape } = declared;
  const where = `model.json: input "${name}"`;
  if (!(CELL_TYPES as readonly string[]).includes(type)) {
    throw new Error(`${file}: input "${name}" has type ${type}; served are ${CELL_TYPES.join(", ")}`);
  }
  if (described?.type !== undefined && described.type !== type) {
    throw new Error(`${where} has type ${described.type}, but ${type} in ${file}`);
  }
  if (shape.length < 1) throw new Error(`${file}: input "${name}" has no dimension of rows`);
  checkShape(file, where, shape, described?.shape);
  const dims = dimsOf(file, where, shape, described);
  const width = dims.reduce((product, size) => product * size, 1);
  const cells = (what: string, list: unknown[] | undefined) => {
    if (list && list.length !== width)
      throw new Error(`${where} has ${list.length} ${what} for ${width} columns`);
  };
  cells("columns", described?.columns);
  const samples = sampleRows(described?.sample, dims).map((row) =>
    type === "int64" ? row : row.map(rounded),
  );
  for (const row of samples) cells("sample values", row);
  cells("ranges", described?.range);
  return {
    name,
    type: type as CellType,
    width,
    dims,
    columns: described?.columns ?? (width === 1 ? [name] : undefined),
    sample: samples[0] ?? new Array(width).fill(BLANK[type as CellType]),
    samples,
    described: samples.length > 0,
    range: described?.range?.map(([low, high]) => [Number(low), Number(high)]),
  };
}

const rounded = (cell: unknown) => (typeof cell === "bigint" ? Number(cell) : cell);

/** The rows of a sample, which is a row or a list of rows; images may be nested. */
function sampleRows(sample: unknown[] | undefined, dims: readonly number[]): unknown[][] {
  if (!sample) return [];
  if (dims.length > 1) {
    // A flat row and a nested one have as many cells as it takes; of several rows each has.
    const cells = sample.flat(dims.length);
    const width = dims.reduce((product, size) => product * size, 1);
    const isRow = cells.length === width || !sample.some(Array.isArray);
    return isRow ? [cells] : sample.map((row) => [row].flat(dims.length + 1));
  }
  return sample.length > 0 && sample.every(Array.isArray) ? sample : [sample];
}

function checkShape(
  file: string,
  where: string,
  actual: readonly (number | string)[],
  described?: (number | null)[],
): void {
  if (!described) return;
  const agrees =
    described.length === actual.length &&
    described.every(
      (size, axis) => size === null || typeof actual[axis] === "string" || size === actual[axis],
    );
  if (!agrees) {
    const inFile = actual.map((size) => (typeof size === "number" ? size : null));
    throw new Error(
      `${where} has shape ${JSON.stringify(described)}, but ${JSON.stringify(inFile)} in ${file}`,
    );
  }
}

/** @throws Error where neither file says how large a dimension is. */
function dimsOf(
  file: string,
  where: string,
  shape: readonly (number | string)[],
  described?: DescribedInput,
): number[] {
  return shape.slice(1).map((size, index) => {
    const columns = shape.length === 2 ? described?.columns?.length : undefined;
    const known = typeof size === "number" ? size : (described?.shape?.[index + 1] ?? columns);
    if (typeof known === "number" && known >= 1) return known;
    throw new Error(
      shape.length === 2
        ? `${where}: ${file} does not say how many columns it has; say it as "shape": [null, COLUMNS]`
        : `${where}: ${file} does not say how large its dimensions are; say it as "shape", a number each after null for the rows`,
    );
  });
}
