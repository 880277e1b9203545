import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { startOf } from "../system/processes.ts";

/** What a launched process tells over its channel, once: that it is ready, or the message for the person. */
export type Told<Ready> = { ready: Ready } | { failed: string };

export interface Launch {
  /** Path of the script that Node runs. */
  script: string;
  argument: string;
  environment: NodeJS.ProcessEnv;
  /** Gets what the process prints, from its beginning. */
  logFile: string;
  /** How long it may take. */
  seconds: number;
}

/**
 * Starts a process that outlives this one, and waits until it tells that it is ready.
 *
 * @returns what it told, its id, and when it started (see `startOf`).
 * @throws Error with the message that it told; or with its last lines when it ends, or is silent, without telling any.
 */
export async function launch<Ready>(options: Launch): Promise<Ready & { pid: number; started: string }> {
  const { script, argument, environment, logFile, seconds } = options;
  const log = openSync(logFile, "w", 0o600);
  const child = spawn(process.execPath, [script, argument], {
    env: environment,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  const limit = { signal: AbortSignal.timeout(seconds * 1000) };
  const fail = async (reason: string) => {
    child.kill("SIGKILL");
    // It may be gone with its folder; that must not hide the reason.
    const text = await readFile(logFile, "utf8").catch(() => "");
    const lines = text.trimEnd().split("\n").slice(-15);
    return new Error(`Local Azure did not start: ${reason}.\n${lines.join("\n")}`);
  };
  let told: Told<Ready>;
  try {
    told = await Promise.race([
      once(child, "message", limit).then(([message]) => message as Told<Ready>),
      // Not "exit": when the channel is closed too, what it told last has been read.
      once(child, "close", limit).then(([status, signal]) => {
        throw new Error(`it ended (${signal ?? `exit code ${status}`})`);
      }),
    ]);
  } catch (error) {
    throw await fail(
      limit.signal.aborted ? `it was not ready within ${seconds} s` : (error as Error).message,
    );
  }
  if ("failed" in told) throw new Error(told.failed);
  child.disconnect();
  child.unref();
  const started = await startOf(child.pid!);
  if (!started) throw await fail("it ended as soon as it was ready");
  return { ...told.ready, pid: child.pid!, started };
}
