import type { Findings } from "./findings";
import { isIn, type Module } from "./imports";
import { readRequirement } from "./requirement";
import { isMap, readYamlMap, type Yaml } from "./yaml-file";

export const MLMODEL = "MLmodel";

/** Flavors whose models the scoring app calls without MLflow: scoring-app/src/runtime/python/mlflow/model-file.ts has them, too. */
const WITHOUT_MLFLOW = ["sklearn", "xgboost", "lightgbm"];
const PYTHON_FUNCTION = "python_function";
const REMEDY = "name a folder that MLflow's save_model() made";

/** Environment files that an MLflow model names, the one to take first. https://mlflow.org/docs/latest/ml/model/#additional-logged-files */
export function environmentFiles(folder: string): string[] {
  const env = pythonFunction(folder).env ?? null;
  const named = isMap(env) ? [env.conda, env.virtualenv] : [env];
  return [...named.filter(isName), "conda.yaml", "python_env.yaml", "requirements.txt"];
}

const isName = (value: unknown): value is string => typeof value === "string" && !/[\\/]/.test(value);

/** What the scoring app reads requests with, which mlflow brings along. */
const READERS = ["numpy", "pandas"];

/** The lines without mlflow, where nothing needs it, and with what it would bring of what the scoring app needs. */
export function withoutMlflow(
  folder: string,
  lines: string[],
  modules: Map<string, Module>,
  findings: Findings,
): string[] {
  const module = pythonFunction(folder).loader_module ?? null;
  // A loader of the model's own is called by MLflow.
  const isOwn = (name: string) => module === null || module === `mlflow.${name}`;
  const flavor = WITHOUT_MLFLOW.find((name) => isMap(flavors(folder)[name]) && isOwn(name));
  const isImported = [...modules.values()].some(({ imports }) =>
    imports.some(({ module }) => isIn(module, "mlflow")),
  );
  if (flavor === undefined || isImported) return lines;
  const nameOf = (line: string) => readRequirement(line)?.name ?? "";
  const isMlflow = (line: string) => ["mlflow", "mlflow-skinny"].includes(nameOf(line));
  const kept = lines.filter((line) => !isMlflow(line));
  const added = READERS.filter((name) => !kept.some((line) => nameOf(line) === name));
  for (const line of lines.filter(isMlflow)) {
    findings.notices.push(
      `${line} is left out: the scoring app calls the model, whose flavor is ${flavor}, without MLflow`,
    );
  }
  if (added.length > 0)
    findings.notices.push(`${added.join(" and ")} installed: the scoring app reads requests with them`);
  return [...kept, ...added];
}

/** @throws Error in one line where the scoring app serves none of them */
function flavors(folder: string): { [name: string]: Yaml } {
  const found = readYamlMap(folder, MLMODEL, REMEDY).flavors;
  const there = isMap(found) ? found : {};
  const served = [...WITHOUT_MLFLOW, PYTHON_FUNCTION];
  if (served.some((name) => isMap(there[name]))) return there;
  const names = Object.keys(there).join(", ");
  throw new Error(
    `${MLMODEL} has ${names ? `the flavors ${names}` : "no flavors"}, served are ${served.join(", ")}: ${REMEDY}`,
  );
}

function pythonFunction(folder: string): { [key: string]: Yaml } {
  const found = flavors(folder)[PYTHON_FUNCTION] ?? null;
  return isMap(found) ? found : {};
}
