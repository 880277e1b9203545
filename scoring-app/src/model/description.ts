import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { parseText, withoutMark } from "../exact-json.ts";

/** One input tensor as model.json describes it; everything but the name is optional. */
export interface DescribedInput {
  name: string;
  /** As the model's file has it: see CELL_TYPES. */
  type?: string;
  /** First dimension null: any number of rows. */
  shape?: (number | null)[];
  /** Names of the tensor's columns; the input's own name where it has one column. */
  columns?: string[];
  /**
   * A row's values for this input, or a list of rows. /swagger.json and /docs show the first; the readiness check scores it. An
   * integer that a double does not hold is a BigInt.
   */
  sample?: unknown[];
  /** [lowest, highest] a column as trained; shown to people, never enforced. */
  range?: [number | bigint, number | bigint][];
}

/** model.json: what the ONNX file cannot say. */
export interface ModelDescription {
  name?: string;
  version?: string;
  description?: string;
  inputs?: DescribedInput[];
  /** The trainer's own predictions for the rows of `sample`, as /score answers them. An app that computes otherwise is never ready. */
  expected?: unknown[];
  /** The same for method predict_proba. */
  expected_proba?: unknown[];
  /** How far a number may be from the expected one; labels must be equal. @default 1e-4 · max(1, |expected|) */
  tolerance?: number;
}

const isText = (value: unknown) => value === undefined || typeof value === "string";
const isListOf = (value: unknown, one: (item: unknown) => boolean) =>
  value === undefined || (Array.isArray(value) && value.every(one));
const isPair = (value: unknown) =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((bound) => /^(number|bigint)$/.test(typeof bound));

function problemOf(description: ModelDescription): string | undefined {
  if (typeof description !== "object" || description === null || Array.isArray(description)) {
    return "not an object";
  }
  for (const key of ["name", "version", "description"] as const) {
    if (!isText(description[key])) return `${key} is not a string`;
  }
  if (!isListOf(description.inputs, (input) => typeof input === "object" && input !== null)) {
    return "inputs is not a list of objects";
  }
  for (const [index, input] of (description.inputs ?? []).entries()) {
    if (typeof input.name !== "string") return `inputs[${index}].name is not a string`;
    if (!isText(input.type)) return `inputs[${index}].type is not a string`;
    if (!isListOf(input.shape, (size) => size === null || Number.isInteger(size))) {
      return `inputs[${index}].shape is not a list of integers and nulls`;
    }
    if (!isListOf(input.columns, (name) => typeof name === "string")) {
      return `inputs[${index}].columns is not a list of strings`;
    }
    if (!isListOf(input.sample, () => true)) return `inputs[${index}].sample is not a list`;
    if (!isListOf(input.range, isPair)) return `inputs[${index}].range is not a list of [lowest, highest]`;
  }
  for (const key of ["expected", "expected_proba"] as const) {
    if (!isListOf(description[key], () => true))
      return `${key} is not a list of predictions, one a row of sample`;
  }
  const { tolerance } = description;
  if (tolerance !== undefined && !(typeof tolerance === "number" && tolerance >= 0)) {
    return "tolerance is not a number of 0 or more";
  }
  return undefined;
}

/** Reads model.json of a model's folder; a folder without one has an empty description. */
export async function readDescription(folder: string): Promise<ModelDescription> {
  const path = join(folder, "model.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new Error(`${path} cannot be read: ${messageOf(error)}`);
  }
  let description: ModelDescription;
  try {
    description = parseText(withoutMark(text), true) as ModelDescription;
  } catch (error) {
    throw new Error(`${path} is not JSON: ${messageOf(error)}`);
  }
  const problem = problemOf(description);
  if (problem) throw new Error(`${path}: ${problem}`);
  return description;
}
