import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { pythonWith } from "../python.ts";

const folder = fileURLToPath(new URL("scripts", import.meta.url));

/** Path of an entry script. */
export const script = (name: string) => resolve(folder, name);
const main = fileURLToPath(new URL("../../../scoring-app/dist/main.js", import.meta.url));

/** An interpreter that has Azure ML's server and what decorated scripts need. */
export const azurePython = () => pythonWith(["azureml-inference-server-http==1.5.1", "pandas==3.1.1"]);

export interface Server {
  url: string;
  output: string;
  child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a server and waits until it says that it is ready. */
export async function startServer(
  command: string[],
  env: Record<string, string | undefined>,
  port: number,
): Promise<Server> {
  const child = spawn(command[0]!, command.slice(1), {
    cwd: folder,
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const exited = once(child, "exit");
  const server: Server = {
    url: `http://127.0.0.1:${port}`,
    output: "",
    child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGTERM");
      await exited;
    },
  };
  const took = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        server.output += chunk;
        if (/ready for serving traffic|"message":"ready"|Uvicorn running on/.test(server.output)) resolve();
      });
    }
  });
  const ended = exited.then(() => Promise.reject(new Error(`${command[0]} ended: ${server.output}`)));
  await Promise.race([took, ended]);
  ended.catch(() => {});
  return server;
}

/** A port that was free a moment ago; all servers want to be told theirs. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** azureml-inference-server-http with a script. */
export async function startAzure(name: string, env: Record<string, string> = {}): Promise<Server> {
  const port = await freePort();
  const options = ["--entry_script", script(name), "--port", String(port), "--model_dir", folder];
  return startServer([azurePython(), "-m", "azureml_inference_server_http", ...options], env, port);
}

/** The scoring app. */
export async function startApp(env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  return startServer([process.execPath, main], { PORT: String(port), ...env }, port);
}

/** The scoring app with a script. */
export const startOurs = (name: string, python: string, env: Record<string, string> = {}) =>
  startApp({
    ...{ PYTHON: python, AZUREML_ENTRY_SCRIPT: script(name), AZUREML_MODEL_DIR: folder },
    ...env,
  });

/** As `startOurs`; it ends with the test. */
export async function startInTest(name: string, env: Record<string, string> = {}): Promise<Server> {
  const server = await startOurs(name, "python3", env);
  onTestFinished(() => server.stop());
  return server;
}
