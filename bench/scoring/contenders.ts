import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWith } from "../../test/scoring-app/python.ts";
import type { Contender } from "./measure.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const node = process.execPath;

/** Folders with the ONNX models that are measured. */
export const MODELS: Record<string, string> = {
  ridge: here("../../scoring-app/model"),
  "gradient-boosting": here("../../test/scoring-app/golden/gradient-boosting"),
};

const MAIN = here("../../scoring-app/dist/main.js");
/** As an image runs it. */
function commandOf(dockerfile: string): string[] {
  const [, command] = /^CMD (.*)$/m.exec(readFileSync(here(`../../scoring-app/${dockerfile}`), "utf8"))!;
  return [node, ...JSON.parse(command!).slice(1, -1), MAIN];
}
const APP = commandOf("Dockerfile");
const APP_WITH_PYTHON = commandOf("python/Dockerfile");

/** The scoring app as its image runs it. */
export function scoringApp(model: string): Contender {
  return {
    name: "scoring app",
    cwd: here("../../scoring-app"),
    command: APP,
    env: { AZUREML_MODEL_DIR: MODELS[model]! },
  };
}

/** The scoring app with a Python entry script of this folder. */
export function scoringAppWith(script: string, python: string): Contender {
  return {
    name: "scoring app",
    cwd: here("."),
    command: APP_WITH_PYTHON,
    env: { AZUREML_ENTRY_SCRIPT: script, PYTHON: python, ...envOf("ridge") },
  };
}

/** The scoring app with an MLflow model. */
export function scoringAppWithMlflow(folder: string, python: string): Contender {
  return {
    name: "scoring app",
    cwd: here("."),
    command: APP_WITH_PYTHON,
    env: { MLFLOW_MODEL: folder, PYTHON: python },
    path: "/invocations",
  };
}

/** `mlflow models serve`. */
export function mlflowServer(folder: string, python: string): Contender {
  const options = ["--model-uri", folder, "--port", "$PORT", "--env-manager", "local"];
  return {
    name: "mlflow models serve",
    cwd: here("."),
    command: [python, "-m", "mlflow", "models", "serve", ...options],
    // It starts uvicorn by name.
    env: { PATH: `${dirname(python)}:${process.env.PATH}` },
    path: "/invocations",
  };
}

/** Azure ML's server with an entry script of this folder. */
export function azureServer(script: string, python: string, model: string): Contender {
  return {
    name: "azureml-inference-server-http",
    cwd: here("."),
    command: [python, "-m", "azureml_inference_server_http", "--port", "$PORT", "--entry_script", script],
    env: { ...envOf(model), WORKER_COUNT: "1" },
  };
}

/** MLServer on a folder of `scratch`, with the model that score.py trains. */
export function mlserver(python: string, model: string, scratch: string): Contender {
  const folder = join(scratch, `mlserver-${model}`);
  mkdirSync(folder);
  writeFileSync(
    join(folder, "model-settings.json"),
    JSON.stringify({
      name: "model",
      implementation: "mlserver_sklearn.SKLearnModel",
      parameters: { uri: "./model.joblib" },
    }),
  );
  const train = "import score, joblib, sys; score.init(); joblib.dump(score.model, sys.argv[1])";
  execFileSync(python, ["-B", "-c", train, join(folder, "model.joblib")], {
    cwd: here("."),
    env: { ...process.env, BENCH_MODEL: model },
  });
  return {
    name: "MLServer",
    cwd: here("."),
    command: [python, "-c", "import sys; from mlserver.cli import main; sys.exit(main())", "start", folder],
    // One process, as the others have.
    env: {
      MLSERVER_HTTP_PORT: "$PORT",
      MLSERVER_GRPC_PORT: "0",
      MLSERVER_METRICS_PORT: "0",
      MLSERVER_HOST: "127.0.0.1",
      MLSERVER_PARALLEL_WORKERS: "0",
      MLSERVER_DEBUG: "false",
      MLSERVER_METRICS_ENDPOINT: "",
    },
    path: "/v2/models/model/infer",
    bodyOf: (rows) =>
      JSON.stringify({
        inputs: [{ name: "x", shape: [rows.length, rows[0]!.length], datatype: "FP32", data: rows.flat() }],
      }),
  };
}

const envOf = (model: string) => ({ AZUREML_MODEL_DIR: MODELS[model]!, BENCH_MODEL: model });

/** What Node's HTTP server does without a model: reads a body and answers. */
export function echo(model: string): Contender {
  return { name: "node:http echo", cwd: here("."), command: [node, "echo.mjs"], env: envOf(model) };
}

/** The usual way to serve an ONNX model from Python. */
export function fastapi(model: string): Contender {
  const python = pythonWith(["fastapi==0.165.0", "uvicorn[standard]==0.54.0", "onnxruntime==1.32.0"]);
  return {
    name: "FastAPI + ONNX Runtime",
    cwd: here("."),
    command: [python, "-m", "uvicorn", "fastapi_app:app", "--port", "$PORT", "--no-access-log"],
    env: envOf(model),
  };
}

/** The scoring app, the two bounds in Node, and the peers at pinned versions. */
export function contenders(model: string, scratch: string): Contender[] {
  const azure = pythonWith(["azureml-inference-server-http==1.5.1", "scikit-learn==1.9.1"]);
  const seldon = pythonWith(["mlserver==1.7.1", "mlserver-sklearn==1.7.1"]);
  const cwd = here(".");
  const env = envOf(model);
  return [
    scoringApp(model),
    echo(model),
    { name: "JSON.parse alone", cwd, command: [node, "echo.mjs", "json"], env },
    fastapi(model),
    mlserver(seldon, model, scratch),
    azureServer("score.py", azure, model),
  ];
}
