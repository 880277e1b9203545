import { spawn } from "node:child_process";
import { once } from "node:events";
import { paths } from "../system/clone.ts";

/** What one run of the engine is given. */
export interface EngineRun {
  /** Folder whose Pulumi.yaml it reads. */
  directory: string;
  /** Variables beside this process's own. */
  environment: NodeJS.ProcessEnv;
  /** Whether it gets none of this process's own. */
  bare?: boolean;
  /** Told what it prints as it comes; an error then repeats none of it. */
  onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  /** Ends it when aborted. */
  signal?: AbortSignal;
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
  const child = spawn(paths.engine, [...argv, "--non-interactive"], {
    cwd: run.directory,
    env: run.bare ? run.environment : { ...process.env, ...run.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      printed[stream] += text;
      run.onOutput?.(text, stream);
    });
  }
  // Who ends this process ends the engine, in order; Ctrl-C on a terminal reaches it by itself.
  const signals = ["SIGTERM", "SIGHUP"] as const;
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  run.signal?.addEventListener("abort", () => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), grace).unref();
  });
  try {
    const [status] = await once(child, "close");
    if (status === 0) return printed.stdout;
  } finally {
    for (const signal of signals) process.off(signal, passOn);
  }
  const reason = run.onOutput ? "(see above)." : `in \`pulumi ${argv.join(" ")}\`: ${printed.stderr.trim()}`;
  throw new Error(`The engine reported an error ${reason}`);
}

/** What another commit's program gets of this process's variables: none that holds a credential, but for a proxy's. */
const HARMLESS =
  /^(PATH|HOME|USER|TMPDIR|TERM|LANG|LC_\w+|TZ|NO_COLOR|FORCE_COLOR|CI|((https?|all|no)_proxy))$/i;

/** Of this process's variables the harmless ones, and these. */
export function bareEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const harmless = Object.entries(process.env).filter(([name]) => HARMLESS.test(name));
  return { ...Object.fromEntries(harmless), ...given };
}
