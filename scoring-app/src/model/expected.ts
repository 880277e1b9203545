import { differences, told, worstOf } from "../compare.ts";
import { messageOf } from "../errors.ts";
import { jsonOf, parseText } from "../exact-json.ts";
import type { ModelDescription } from "./description.ts";
import type { Method, Model } from "./model.ts";
import { isLabel } from "./roles.ts";

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
    differences(expected[row], computed[row], exact ? 0 : tolerance).map((found) => ({ ...found, row })),
  );
  const worst = worstOf(all.flat());
  if (!worst) return;
  const output = nameOf(model, method, worst.path);
  const wrong = all.filter((found) => found.length > 0).length;
  throw new Error(
    `model "${model.name}" computes otherwise than "${key}" in model.json: ${wrong} of ${rows.length} sample rows differ, ` +
      `most of all row ${worst.row}, ${output}: ${told(worst)}; convert the model in another way ` +
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

/** The output and the place in it: `output "variable"[1]`. */
function nameOf({ signature }: Model, method: Method, path: (number | string)[]): string {
  const { outputs, predictions, probabilities } = signature;
  const answered = method === "predict" ? predictions : probabilities;
  // Of several outputs the first index of a prediction tells which.
  const [output, place] = answered.length > 1 ? [Number(path[0]), path.slice(1)] : [0, path];
  return `output "${outputs[answered[output]!]!.name}"${place.map((index) => `[${index}]`).join("")}`;
}
