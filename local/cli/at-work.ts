/** Who works in this clone: one command a stack, and nobody while local Azure starts, restarts or stops. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { enginesAtWork } from "../stack/locks.ts";
import { paths, stateDirectory } from "../system/clone.ts";
import { withLock } from "../system/lock.ts";
import type { Report } from "../system/report.ts";
import { ensureWritable } from "../system/writable.ts";
import type { Invocation } from "./invocation.ts";

const lockOf = (folder: string, stack: string) => join(folder, `${stack}.lock`);

/** Holds the stack during `work`, without preparing anything: another command on it waits and says for whom. */
export function withStackLock<T>(
  command: string,
  invocation: Invocation,
  work: () => Promise<T>,
): Promise<T> {
  return holding(lockOf(paths.stackLocks, invocation.stack), command, invocation, work);
}

/** Holds what all stacks share during `work`: tool chain, local Azure's process, the engine's folders. For as long as it is prepared. */
export function withCloneLock<T>(
  command: string,
  invocation: Invocation,
  work: () => Promise<T>,
): Promise<T> {
  return holding(paths.lock, command, invocation, work);
}

/**
 * Opens what `work` works with while nobody else does the same, then works beside others: local Azure neither restarts nor
 * stops before `work` has ended.
 */
export async function usingLocalAzure<T>(
  command: string,
  invocation: Invocation,
  open: () => Promise<T>,
  work: (opened: T) => Promise<void>,
): Promise<void> {
  let working: Promise<void> | undefined;
  await withCloneLock(command, invocation, async () => {
    const opened = await open();
    await new Promise<void>((resolve, reject) => {
      working = holding(lockOf(paths.uses, invocation.stack), command, invocation, () => {
        resolve();
        return work(opened);
      });
      working.catch(reject);
    });
  });
  await working;
}

/**
 * Waits until no command uses local Azure, and no engine that a person started. Who calls this holds the clone's lock, so that
 * nobody begins.
 */
export async function untilUnused(report: Report): Promise<void> {
  const files = existsSync(paths.uses) ? await readdir(paths.uses) : [];
  for (const file of files.filter((name) => name.endsWith(".lock")))
    await withLock(join(paths.uses, file), "npm run local", report, async () => {});
  for (let told: number | undefined; ; ) {
    const [engine] = await enginesAtWork();
    if (!engine) return;
    if (engine.pid !== told)
      report(`Waiting for the engine at work on stack ${engine.stack} (process ${engine.pid}).`);
    told = engine.pid;
    await delay(500);
  }
}

async function holding<T>(
  file: string,
  command: string,
  { stack, report }: Invocation,
  work: () => Promise<T>,
): Promise<T> {
  await ensureWritable(
    stateDirectory,
    "local Azure keeps its state there, so clone the repository to a place that can be written",
  );
  return withLock(file, `npm run local -- ${command} --stack ${stack}`, report, work);
}
