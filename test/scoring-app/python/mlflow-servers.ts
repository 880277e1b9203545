import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWith } from "../python.ts";
import { freePort, type Server, startApp, startServer } from "./servers.ts";

const SCRIPT = fileURLToPath(new URL("mlflow_models.py", import.meta.url));
// Without NVIDIA's libraries.
const LIBRARIES = ["scikit-learn==1.9.1", "pandas==3.1.1", "lightgbm==4.7.0", "xgboost-cpu==3.2.0"];

/** An interpreter with MLflow and what the models need. */
export const mlflowPython = () => pythonWith(["mlflow==3.17.2", ...LIBRARIES]);

/** One with what the models need, and without MLflow. */
export const plainPython = () => pythonWith([...LIBRARIES, "skops==0.16.0", "cloudpickle==3.1.3"]);

/** Folder with the models that mlflow_models.py makes; beside the interpreter, and made anew when the script has changed. */
export function modelsFolder(): string {
  const python = mlflowPython();
  const folder = join(dirname(dirname(python)), "models");
  const told = join(folder, "script");
  const script = readFileSync(SCRIPT, "utf8");
  if (existsSync(told) && readFileSync(told, "utf8") === script) return folder;
  const fresh = `${folder}-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  execFileSync(python, [SCRIPT, fresh], { stdio: ["ignore", "ignore", "inherit"], cwd: fresh });
  writeFileSync(join(fresh, "script"), script);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return folder;
}

/** `mlflow models serve` with a model of the folder. */
export async function startMlflow(model: string): Promise<Server> {
  const port = await freePort();
  const options = [
    "--model-uri",
    join(modelsFolder(), model),
    "--port",
    String(port),
    "--env-manager",
    "local",
  ];
  return startServer(
    [mlflowPython(), "-m", "mlflow", "models", "serve", ...options],
    {
      PATH: `${dirname(mlflowPython())}:${process.env.PATH}`,
    },
    port,
  );
}

/** The scoring app with a model of the folder, or of another. */
export const startWithModel = (
  model: string,
  python: string,
  env: Record<string, string> = {},
): Promise<Server> => startApp({ PYTHON: python, MLFLOW_MODEL: resolve(modelsFolder(), model), ...env });
