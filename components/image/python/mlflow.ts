import type { Findings } from "./findings";
import { isIn, type Module } from "./imports";
import { readRequirement } from "./requirement";
import { isMap, readYamlMap, type Yaml } from "./yaml-file";

export const MLMODEL = "MLmodel";

/** Flavors whose models the scoring app calls without MLflow. */
const WITHOUT_MLFLOW = ["sklearn", "xgboost", "lightgbm"];

/** Environment files that an MLflow model names, the one to take first. https://mlflow.org/docs/latest/ml/model/#additional-logged-files */
export function environmentFiles(folder: string): string[] {
  const env = pythonFunction(folder).env ?? null;
  const named = isMap(env) ? [env.conda, env.virtualenv] : [env];
  return [...named.filter(isName), "conda.yaml", "python_env.yaml", "requirements.txt"];
}

const isName = (value: unknown): value is string => typeof value === "string" && !/[\\/]/.test(value);

/** The lines without mlflow, where nothing needs it. */
export function withoutMlflow(
  folder: string,
  lines: string[],
  modules: Map<string, Module>,
  findings: Findings,
): string[] {
  const flavor = WITHOUT_MLFLOW.find((name) => flavors(folder)[name] !== undefined);
  const isImported = [...modules.values()].some(({ imports }) =>
    imports.some(({ module }) => isIn(module, "mlflow")),
  );
  if (flavor === undefined || isImported) return lines;
  return lines.filter((line) => {
    const name = readRequirement(line)?.name ?? "";
    if (!["mlflow", "mlflow-skinny"].includes(name)) return true;
    findings.notices.push(
      `${line} is left out: the scoring app calls the model, whose flavor is ${flavor}, without MLflow`,
    );
    return false;
  });
}

function flavors(folder: string): { [name: string]: Yaml } {
  const found = readYamlMap(folder, MLMODEL).flavors;
  return isMap(found) ? found : {};
}

function pythonFunction(folder: string): { [key: string]: Yaml } {
  const found = flavors(folder).python_function;
  return isMap(found) ? found : {};
}
