import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../scoring-app", import.meta.url));
const main = fileURLToPath(new URL("../../scoring-app/dist/main.js", import.meta.url));

export interface SpawnedApp {
  child: ChildProcess;
  lines: Record<string, unknown>[];
  /** Waits for a log line with this message, or the `count`th of them. */
  line(message: string | RegExp, count?: number): Promise<Record<string, unknown>>;
  /** Ends the process unless it has ended, and resolves with its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface AppProcess extends SpawnedApp {
  url: string;
}

const spawned = (env: Record<string, string>, options?: SpawnOptions) =>
  spawn(process.execPath, [main], {
    cwd: folder,
    ...options,
    env: { PATH: process.env.PATH, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });

/** The built app in a process of its own, which may not be ready yet. */
export function spawnApp(env: Record<string, string>, options?: SpawnOptions): SpawnedApp {
  const child = spawned(env, options);
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout! }).on("line", (text) => {
    lines.push(JSON.parse(text));
    for (const look of waiting) look();
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return {
    child,
    lines,
    line: (message, count = 1) =>
      new Promise((resolve) => {
        const says = ({ message: said }: Record<string, unknown>) =>
          typeof message === "string" ? said === message : message.test(String(said));
        const look = () => {
          const found = lines.filter(says)[count - 1];
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    end: (signal = "SIGTERM") => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}

/** The built app, ready. @param workers waits for so many "ready" lines. */
export async function startProcess(
  env: Record<string, string>,
  workers = 1,
  options?: SpawnOptions,
): Promise<AppProcess> {
  const app = spawnApp(env, options);
  const ended = once(app.child, "exit").then(([code]) => {
    throw new Error(`ended ${code}: ${JSON.stringify(app.lines)}`);
  });
  ended.catch(() => {});
  const ready = await Promise.race([app.line("ready", workers), ended]);
  return { ...app, url: `http://127.0.0.1:${ready.port}` };
}

/** Runs the built app to its end. */
export async function runToEnd(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const child = spawned(env);
  let output = "";
  child.stdout!.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  return { code, output };
}
