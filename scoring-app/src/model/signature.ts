import type { DeclaredTensor, Session } from "../runtime/runtime.ts";
import type { DescribedInput, ModelDescription } from "./description.ts";
import { type Roles, rolesOf } from "./roles.ts";

/** Types of cells that a request can carry. */
export const CELL_TYPES = ["float32", "float64", "int64", "int32", "bool", "string"] as const;
export type CellType = (typeof CELL_TYPES)[number];

/** An input tensor: `width` consecutive columns of a row. */
export interface ModelInput {
  name: string;
  type: CellType;
  /** Columns of the tensor: 1 where the model has one input a column. */
  width: number;
  /** 1: dimensions [rows]; 2: dimensions [rows, width]. */
  rank: number;
  /** Names, as many as `width`; undefined where neither file names them. */
  columns: string[] | undefined;
  sample: unknown[];
  /** All rows of model.json's sample, of which the first is `sample`; none where it gives none. */
  samples: unknown[][];
  /** Whether model.json gives the sample. */
  described: boolean;
  range: [number, number][] | undefined;
}

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
}

const BLANK: Record<CellType, unknown> = {
  float32: 0,
  float64: 0,
  int64: 0,
  int32: 0,
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
  const names2 = inputs.flatMap((input) => input.columns ?? [undefined]);
  const columns = names2.every((name) => name !== undefined) ? (names2 as string[]) : undefined;
  const twice = columns?.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`model.json: two columns are named "${twice}"`);
  return {
    inputs,
    outputs,
    width: inputs.reduce((sum, input) => sum + input.width, 0),
    columns,
    rowsPerRun,
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
  if (shape.length < 1 || shape.length > 2) {
    throw new Error(
      `${file}: input "${name}" has ${shape.length} dimensions; served are tables: [rows, columns]`,
    );
  }
  checkShape(file, where, shape, described?.shape);
  const width = widthOf(file, where, shape, described);
  const cells = (what: string, list: unknown[] | undefined) => {
    if (list && list.length !== width)
      throw new Error(`${where} has ${list.length} ${what} for ${width} columns`);
  };
  cells("columns", described?.columns);
  const samples = sampleRows(described?.sample);
  for (const row of samples) cells("sample values", row);
  cells("ranges", described?.range);
  return {
    name,
    type: type as CellType,
    width,
    rank: shape.length,
    columns: described?.columns ?? (width === 1 ? [name] : undefined),
    sample: samples[0] ?? new Array(width).fill(BLANK[type as CellType]),
    samples,
    described: samples.length > 0,
    range: described?.range,
  };
}

/** The rows of a sample, which is a row or a list of rows. */
function sampleRows(sample: unknown[] | undefined): unknown[][] {
  if (!sample) return [];
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

function widthOf(
  file: string,
  where: string,
  shape: readonly (number | string)[],
  described?: DescribedInput,
): number {
  if (shape.length === 1) return 1;
  const width =
    typeof shape[1] === "number" ? shape[1] : (described?.shape?.[1] ?? described?.columns?.length);
  if (typeof width !== "number" || width < 1) {
    throw new Error(
      `${where}: ${file} does not say how many columns it has; say it as "shape": [null, COLUMNS]`,
    );
  }
  return width;
}
