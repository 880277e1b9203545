import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { paths } from "../system/clone.ts";

/** What one run of the engine is given. */
export interface EngineRun {
  /** Folder whose Pulumi.yaml it reads. */
  directory: string;
  /** Variables beside this process's own. */
  environment: NodeJS.ProcessEnv;
  /** Told what it prints as it comes; an error then repeats none of it. */
  onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  /** Ends it when aborted. */
  signal?: AbortSignal;
  /** Starts it elsewhere than beside this process, where Ctrl-C on a terminal does not reach it. */
  start?: (argv: string[]) => Promise<RunningEngine>;
}

/** An engine that runs. */
export interface RunningEngine {
  stdout: Readable;
  stderr: Readable;
  /** Its exit status, if it has one. */
  ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): unknown;
}

/** Milliseconds that it is given to end in order. */
const grace = 10_000;

/**
 * Runs the engine that is in use, and resolves with what it printed. Not by Pulumi's Automation API, which starts the
 * engine four times more for each operation: for its version, outputs twice, and history.
 *
 * @param argv - e.g. `up --yes`; it asks nothing.
 * @throws Error when it fails.
 */
export async function runEngine(argv: string[], run: EngineRun): Promise<string> {
  const whole = [...argv, "--non-interactive"];
  const starting = run.start ? run.start(whole) : Promise.resolve(startHere(whole, run));
  // What comes while it starts is for it, too. That it does not start, or cannot be reached, its end says.
  const kill = (signal: NodeJS.Signals) =>
    void starting.then((engine) => engine.kill(signal)).catch(() => {});
  // Who ends this process ends the engine, in order; Ctrl-C on a terminal reaches it by itself, unless it is elsewhere.
  const signals: NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, kill);
  // A second one would end it at once, and through npm each comes twice.
  if (run.start) process.once("SIGINT", kill);
  run.signal?.addEventListener("abort", () => {
    kill("SIGTERM");
    setTimeout(() => kill("SIGKILL"), grace).unref();
  });
  const printed = { stdout: "", stderr: "" };
  try {
    const engine = await starting;
    for (const stream of ["stdout", "stderr"] as const) {
      engine[stream].setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
        run.onOutput?.(text, stream);
      });
    }
    const status = await engine.ended;
    if (status === 0) return printed.stdout;
  } finally {
    for (const signal of [...signals, "SIGINT"] as const) process.off(signal, kill);
  }
  const reason = run.onOutput ? "(see above)." : `in \`pulumi ${argv.join(" ")}\`: ${printed.stderr.trim()}`;
  throw new Error(`The engine reported an error ${reason}`);
}

function startHere(argv: string[], { directory, environment }: EngineRun): RunningEngine {
  const child = spawn(paths.engine, argv, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close").then(([status]) => status as number | null);
  const { stdout, stderr } = child;
  return { stdout, stderr, ended, kill: (signal) => child.kill(signal) };
}
