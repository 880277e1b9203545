/**
 * An entry script with two models in one app: `{"model": "regressor" | "classifier", "data": [[…]]}`.
 * Both folders are below AZUREML_MODEL_DIR, and both models are served under /v2/models too.
 * AZUREML_ENTRY_SCRIPT=examples/two-models.js npm start
 */
import { join } from "node:path";

const models = new Map();
let context;

export const sample = { model: "classifier", data: [[5.1, 3.5, 1.4, 0.2]] };

/** @param {import("../src/scoring/entry-script.ts").EntryContext} given */
export async function init(given) {
  context = given;
  models.set("regressor", await context.loadModel(join(context.modelDirectory, "ridge"), "regressor"));
  models.set("classifier", await context.loadModel(join(context.modelDirectory, "multiclass"), "classifier"));
}

export function run(data) {
  const model = models.get(data?.model);
  if (!model) throw context.badRequest(`model: expected one of ${[...models.keys()].join(", ")}`);
  return context.score(model, data);
}
