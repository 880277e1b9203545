import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type AppProcess, startProcess } from "../process.ts";
import { pythonWith } from "../python.ts";

const folder = fileURLToPath(new URL("scripts", import.meta.url));

/** Path of an entry script. */
export const script = (name: string) => resolve(folder, name);

/** An interpreter that has Azure ML's server and what decorated scripts need. */
export const azurePython = () => pythonWith(["azureml-inference-server-http==1.5.1", "pandas==3.1.1"]);

export interface Server {
  url: string;
  end(): Promise<unknown>;
}

/** A port that was free a moment ago: a peer does not tell which it has taken. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Another server, which tells no port: it is ready when it prints this. */
export async function startPeer(
  argv: string[],
  ready: string,
  port: number,
  env: Record<string, string> = {},
): Promise<Server> {
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: folder,
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const exited = once(child, "exit");
  let output = "";
  const printed = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        if (output.includes(ready)) resolve();
      });
    }
  });
  const ended = exited.then(() => Promise.reject(new Error(`${argv.join(" ")} ended: ${output}`)));
  ended.catch(() => {});
  await Promise.race([printed, ended]);
  return {
    url: `http://127.0.0.1:${port}`,
    end() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGTERM");
      return exited;
    },
  };
}

/** azureml-inference-server-http with a script. */
export async function startAzure(name: string): Promise<Server> {
  const port = await freePort();
  const options = ["--entry_script", script(name), "--port", String(port), "--model_dir", folder];
  const argv = [azurePython(), "-m", "azureml_inference_server_http", ...options];
  return startPeer(argv, "ready for serving traffic", port);
}

/** The settings of the scoring app with a script. */
export const settingsOf = (name: string, python = "python3") => ({
  ...{ PYTHON: python, PYTHONDONTWRITEBYTECODE: "1" },
  ...{ AZUREML_ENTRY_SCRIPT: script(name), AZUREML_MODEL_DIR: folder },
});

/** The scoring app with a script, in the scripts' folder and a process group of its own. */
export const startOurs = (name: string, python: string, env = {}, workers = 1): Promise<AppProcess> =>
  startProcess({ ...settingsOf(name, python), ...env }, workers, { cwd: folder, detached: true });

/** As `startOurs`; it ends with the test. */
export async function startInTest(name: string, env = {}, workers = 1): Promise<AppProcess> {
  const server = await startOurs(name, "python3", env, workers);
  onTestFinished(async () => void (await server.end()));
  return server;
}

/** A POST to /score. */
export const score = (server: AppProcess, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/score`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** What Python code gives as `result`, inside run(). */
export const execute = async (server: AppProcess, code: string) => {
  const response = await score(server, { do: "execute", code });
  return response.ok ? response.json() : response.status;
};

/** Polls what a process answers: it tells nobody else when it is ready again. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
export const ready = async (server: AppProcess) => (await fetch(`${server.url}/v2/health/ready`)).ok;
