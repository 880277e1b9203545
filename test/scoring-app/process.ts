import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../scoring-app", import.meta.url));

export interface AppProcess {
  child: ChildProcess;
  url: string;
  lines: Record<string, unknown>[];
  /** Waits for a log line with this message. */
  line(message: string): Promise<Record<string, unknown>>;
  /** Ends the process unless it has ended, and resolves with its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The built app in a process of its own. @param workers waits for so many "ready" lines. */
export async function startProcess(env: Record<string, string>, workers = 1): Promise<AppProcess> {
  const child = spawn(process.execPath, ["dist/main.js"], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: Record<string, unknown>[] = [];
  const waiting: { message: string; resolve(line: Record<string, unknown>): void }[] = [];
  createInterface({ input: child.stdout! }).on("line", (text) => {
    const line = JSON.parse(text);
    lines.push(line);
    for (const wait of waiting) if (wait.message === line.message) wait.resolve(line);
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const line = (message: string) => {
    const found = lines.find((candidate) => candidate.message === message);
    return found
      ? Promise.resolve(found)
      : new Promise<Record<string, unknown>>((resolve) => waiting.push({ message, resolve }));
  };
  for (let count = 0; count < workers; count++) {
    const known = lines.filter(({ message }) => message === "ready").length;
    if (known > count) continue;
    const next = new Promise<Record<string, unknown>>((resolve) =>
      waiting.push({ message: "ready", resolve }),
    );
    await Promise.race([
      next,
      exited.then((code) => Promise.reject(new Error(`ended ${code}: ${JSON.stringify(lines)}`))),
    ]);
  }
  const ready = await line("ready");
  return {
    child,
    url: `http://127.0.0.1:${ready.port}`,
    lines,
    line,
    end: (signal = "SIGTERM") => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}

/** Runs the built app to its end. */
export async function runToEnd(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["dist/main.js"], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout!.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  return { code, output };
}
