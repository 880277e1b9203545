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
  /** Starts it elsewhere than beside this process. */
  start?: (argv: string[]) => Promise<RunningEngine>;
}

/** An engine that runs. */
export interface RunningEngine {
  stdout: Readable;
  stderr: Readable;
  /** Its exit status, if it has one. */
  ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): unknown;
  /** Whether Ctrl-C does not reach it by the terminal. */
  away?: true;
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
  const engine = run.start ? await run.start(whole) : startHere(whole, run);
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    engine[stream].setEncoding("utf8").on("data", (text: string) => {
      printed[stream] += text;
      run.onOutput?.(text, stream);
    });
  }
  // Who ends this process ends the engine, in order; Ctrl-C on a terminal reaches it by itself, unless it is away.
  const signals: NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];
  const passOn = (signal: NodeJS.Signals) => void engine.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  // A second one would end it at once, and through npm each comes twice.
  if (engine.away) process.once("SIGINT", passOn);
  run.signal?.addEventListener("abort", () => {
    engine.kill("SIGTERM");
    setTimeout(() => engine.kill("SIGKILL"), grace).unref();
  });
  try {
    const status = await engine.ended;
    if (status === 0) return printed.stdout;
  } finally {
    for (const signal of [...signals, "SIGINT"] as const) process.off(signal, passOn);
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
