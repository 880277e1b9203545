import { messageOf } from "../errors.ts";
import { jsonOf, parseText } from "../exact-json.ts";
import { shown } from "./cells.ts";
import type { ModelDescription } from "./description.ts";
import type { Method, Model } from "./model.ts";
import { isLabel } from "./roles.ts";

/** Of the larger of 1 and the expected number. */
const TOLERANCE = 1e-4;

/** A place in the predictions where the computed value is not the expected one. */
interface Difference {
  row: number;
  /** Within the row's prediction: empty where it is one value. */
  path: number[];
  expected: unknown;
  computed: unknown;
  /** Infinity where they are no numbers to be compared. */
  off: number;
  allowed: number;
}

/**
 * Compares what the model computes of its sample with the trainer's own predictions. Converters err: categories of a histogram
 * gradient boosting model come out as numbers, and every ONNX runtime computes the same wrong labels of that file.
 * @throws Error in one line: where, by how much, and the remedy.
 */
export async function checkExpected(model: Model, description: ModelDescription): Promise<void> {
  const { expected, expected_proba, tolerance } = description;
  if (expected) await check(model, "expected", "predict", expected, tolerance);
  if (expected_proba) await check(model, "expected_proba", "predict_proba", expected_proba, tolerance);
}

async function check(
  model: Model,
  key: string,
  method: Method,
  expected: unknown[],
  tolerance: number | undefined,
): Promise<void> {
  const rows = sampleOf(model, key);
  if (expected.length !== rows.length) {
    throw new Error(
      `model.json: "${key}" has ${expected.length} predictions for the ${rows.length} rows of "sample"; give one a row, as a list`,
    );
  }
  const computed = await computedBy(model, key, method, rows);
  const exact = method === "predict" && isLabel(model.signature.outputs[model.signature.predictions[0]!]!);
  const all = rows.map((_, row) =>
    differences(expected[row], computed[row], { row, path: [], tolerance: exact ? 0 : tolerance }),
  );
  const worst = all
    .flat()
    .reduce<Difference | undefined>((most, one) => (most && most.off >= one.off ? most : one), undefined);
  if (!worst) return;
  const wrong = all.filter((found) => found.length > 0).length;
  throw new Error(
    `model "${model.name}" computes otherwise than "${key}" in model.json: ${wrong} of ${rows.length} sample rows differ, ` +
      `most of all ${described(worst, nameOf(model, method, worst.path))}; convert the model in another way ` +
      `(other options, another version of the converter), or correct "${key}"${worst.allowed > 0 ? ' or "tolerance"' : ""}`,
  );
}

/** Rows of the sample, whole. @throws Error where an input has no sample, or another number of rows. */
function sampleOf({ signature: { inputs } }: Model, key: string): unknown[][] {
  const blank = inputs.find(({ described }) => !described);
  if (blank) throw new Error(`model.json: "${key}" needs a "sample" of input "${blank.name}"`);
  const rows = inputs[0]!.samples.length;
  const other = inputs.find(({ samples }) => samples.length !== rows);
  if (other) {
    throw new Error(
      `model.json: "sample" has ${rows} rows of input "${inputs[0]!.name}", but ${other.samples.length} of "${other.name}"`,
    );
  }
  return Array.from({ length: rows }, (_, row) => inputs.flatMap(({ samples }) => samples[row]!));
}

/** Predictions as a client reads them: NaN is null, an integer a number or, where a double does not hold it, a BigInt. */
async function computedBy(model: Model, key: string, method: Method, rows: unknown[][]): Promise<unknown[]> {
  try {
    return parseText(jsonOf(await model.predict(rows, method)), true) as unknown[];
  } catch (error) {
    throw new Error(`model.json: "sample" cannot be compared with "${key}": ${messageOf(error)}`);
  }
}

const isNumber = (value: unknown) => typeof value === "number" || typeof value === "bigint";
/** Python writes NaN and infinities; an answer has null for them. */
const isNoNumber = (value: unknown) => typeof value === "number" && !Number.isFinite(value);

function differences(
  expected: unknown,
  computed: unknown,
  place: { row: number; path: number[]; tolerance: number | undefined },
): Difference[] {
  const { row, path, tolerance } = place;
  if (Array.isArray(expected)) {
    // scikit-learn's predictions of a target with one column are arrays of one number.
    const cells = Array.isArray(computed) || expected.length !== 1 ? computed : [computed];
    if (Array.isArray(cells) && cells.length === expected.length) {
      return expected.flatMap((cell, index) =>
        differences(cell, cells[index], { ...place, path: [...path, index] }),
      );
    }
  }
  if (expected === computed || (computed === null && isNoNumber(expected))) return [];
  // Converters make integers of labels that are true and false.
  if (typeof expected === "boolean" && Number(expected) === computed) return [];
  if (!isNumber(expected) || !isNumber(computed)) {
    return [{ row, path, expected, computed, off: Number.POSITIVE_INFINITY, allowed: 0 }];
  }
  const bothLong = typeof expected === "bigint" && typeof computed === "bigint";
  const off = Math.abs(bothLong ? Number(computed - expected) : Number(computed) - Number(expected));
  const allowed = tolerance ?? TOLERANCE * Math.max(1, Math.abs(Number(expected)));
  return off <= allowed ? [] : [{ row, path, expected, computed, off, allowed }];
}

/** The output and the place in it: `output "variable"[1]`. */
function nameOf({ signature }: Model, method: Method, path: number[]): string {
  const { outputs, predictions, probabilities } = signature;
  const answered = method === "predict" ? predictions : probabilities;
  // Of several outputs the first index of a prediction tells which.
  const [output = 0, place] = answered.length > 1 ? [path[0], path.slice(1)] : [0, path];
  return `output "${outputs[answered[output]!]!.name}"${place.map((index) => `[${index}]`).join("")}`;
}

function described({ row, expected, computed, off, allowed }: Difference, output: string): string {
  const by =
    off === Number.POSITIVE_INFINITY || allowed === 0
      ? "they must be equal"
      : `off by ${rounded(off)}, tolerance ${rounded(allowed)}`;
  return `row ${row}, ${output}: expected ${shown(expected)}, computed ${shown(computed)} (${by})`;
}

const rounded = (value: number) => Number(value.toPrecision(3));
