import { expect, it } from "vitest";
import { readMlflowModel } from "../../../../scoring-app/src/runtime/python/mlflow/model-file.ts";
import { folderWith } from "../scratch.ts";
import { environment, environmentOf, faults } from "./folder.ts";

const model = (flavors: string, env = "env: {conda: conda.yaml, virtualenv: python_env.yaml}") =>
  `flavors:\n${flavors}  python_function:\n    ${env}\n`;
const SKLEARN = "  sklearn: {pickled_model: model.pkl}\n";
const FILES = {
  "conda.yaml":
    "channels:\n- conda-forge\ndependencies:\n- python=3.10.13\n- pip<=23.0.1\n- pip:\n  - mlflow==2.9.2\n  - scikit-learn==1.3.2\n",
  "python_env.yaml":
    "python: 3.10.13\nbuild_dependencies:\n- pip==23.0.1\n- setuptools\ndependencies:\n- -r requirements.txt\n",
  "requirements.txt": "mlflow==2.9.2\nscikit-learn==1.3.2\n",
};

it("an MLflow folder has the environment that MLmodel names, though three files say it", () => {
  expect(environment({ MLmodel: model(SKLEARN), ...FILES })).toMatchObject({
    python: "3.10",
    pythonIsAsked: true,
    requirements: ["scikit-learn==1.3.2", "numpy", "pandas"],
  });
});

it.each([
  ["only python_env.yaml", ["python_env.yaml", "requirements.txt"], "3.10"],
  ["only requirements.txt", ["requirements.txt"], "3.11"],
])("of files that MLmodel names, %s may be there", (_, names, python) => {
  const files = Object.fromEntries(Object.entries(FILES).filter(([name]) => names.includes(name)));
  expect(environment({ MLmodel: model(SKLEARN), ...files })).toMatchObject({
    python,
    requirements: ["scikit-learn==1.3.2", "numpy", "pandas"],
  });
});

it("older models name one file of another name, or none", () => {
  const files = { "own.yaml": FILES["conda.yaml"].replace("3.10.13", "3.9.7") };
  expect(environment({ MLmodel: model(SKLEARN, "env: own.yaml"), ...files }).python).toBe("3.9");
  expect(environment({ MLmodel: model(SKLEARN, "data: x"), ...FILES }).python).toBe("3.10");
  expect(faults({ MLmodel: model(SKLEARN) })).toEqual([expect.stringMatching(/^no environment: /)]);
});

it.each(["sklearn", "xgboost", "lightgbm"])(
  "mlflow is left out of a model of flavor %s, with a sentence",
  (flavor) => {
    const { requirements, notices } = environment({ MLmodel: model(`  ${flavor}: {data: x}\n`), ...FILES });
    expect(requirements).toEqual(["scikit-learn==1.3.2", "numpy", "pandas"]);
    expect(notices).toContain(
      `mlflow==2.9.2 is left out: the scoring app calls the model, whose flavor is ${flavor}, without MLflow`,
    );
  },
);

it("mlflow stays for python_function alone, and where the folder's modules import it", () => {
  expect(environment({ MLmodel: model(""), ...FILES }).requirements).toContain("mlflow==2.9.2");
  const code = { "code/own.py": "import mlflow.pyfunc" };
  expect(environment({ MLmodel: model(SKLEARN), ...FILES, ...code }).requirements).toContain("mlflow==2.9.2");
  expect(environment({ "requirements.txt": "mlflow==2.9.2" }).requirements).toEqual(["mlflow==2.9.2"]);
});

it("mlflow stays where the model has a loader of its own; what is named already is not named again", () => {
  const own = `${model(SKLEARN)}    loader_module: own_loader\n`;
  expect(environment({ MLmodel: own, ...FILES }).requirements).toEqual([
    "mlflow==2.9.2",
    "scikit-learn==1.3.2",
  ]);
  const usual = `${model(SKLEARN)}    loader_module: mlflow.sklearn\n`;
  const named = { "requirements.txt": "mlflow\npandas==2.1.4\nnumpy==1.26.4\n" };
  expect(environment({ MLmodel: usual, ...named }).requirements).toEqual(["pandas==2.1.4", "numpy==1.26.4"]);
});

it.each([
  "  sklearn: {}\n",
  "  sklearn: {}\n  python_function: {loader_module: mlflow.sklearn}\n",
  "  sklearn: {}\n  lightgbm: {}\n  python_function: {loader_module: mlflow.lightgbm}\n",
  "  sklearn: {}\n  lightgbm: {}\n  python_function: {loader_module: own}\n",
  "  lightgbm: {}\n  pytorch: {}\n  python_function: {loader_module: mlflow.pytorch}\n",
  "  xgboost: {}\n  python_function: {loader_module: }\n",
  "  xgboost: {}\n  python_function: {loader_module: null}\n",
  "  xgboost:\n  python_function: {data: x}\n",
  "  xgboost: {}\n  python_function:\n",
  "  python_function: {loader_module: mlflow.xgboost}\n",
])("mlflow is installed for the flavors that the scoring app loads with it: %j", async (flavors) => {
  const folder = folderWith({ MLmodel: `flavors:\n${flavors}`, ...FILES });
  const { flavor } = await readMlflowModel(folder);
  expect(environmentOf(folder).requirements.includes("mlflow==2.9.2")).toBe(flavor === "python_function");
});

it("lines with hashes stay together: none without is added to them", () => {
  const lines = ["mlflow==2.9.2 --hash=sha256:01", "scikit-learn==1.3.2 --hash=sha256:02"];
  const files = { MLmodel: model(SKLEARN), "requirements.txt": lines.join("\n") };
  expect(environment(files).requirements).toEqual(lines);
});

it("3.10 in python_env.yaml is not 3.1", () => {
  const env = { "python_env.yaml": "python: 3.10\ndependencies: [numpy]\n" };
  expect(environment({ MLmodel: model(SKLEARN), ...env })).toMatchObject({
    python: "3.10",
    requirements: ["numpy", "pandas"],
  });
  expect(environment(env)).toMatchObject({ python: "3.10", requirements: ["numpy"] });
});

it.each([
  ["", "MLmodel is empty"],
  ["- a\n", "MLmodel has no keys"],
  ["run_id: x\n", "MLmodel has no flavors, served are sklearn, xgboost, lightgbm, python_function"],
  [
    "flavors:\n  pytorch: {model_data: data}\n  onnx: {data: model.onnx}\n",
    "MLmodel has the flavors pytorch, onnx, served are sklearn, xgboost, lightgbm, python_function",
  ],
])("MLmodel that says %j is one sentence, at preview", (text, fault) => {
  expect(faults({ MLmodel: text, ...FILES })).toEqual([
    `${fault}: name a folder that MLflow's save_model() made`,
  ]);
});

it("a broken MLmodel is one sentence", () => {
  expect(faults({ MLmodel: "flavors: [", ...FILES })).toEqual([
    expect.stringMatching(/^MLmodel is no YAML \(line 1, column \d+: /),
  ]);
});
