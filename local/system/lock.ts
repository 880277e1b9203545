import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { holdingLock } from "./lock-file.mjs";

/**
 * Runs `work` while holding the lock file, after waiting for whoever holds it. A lock of a process that is gone is
 * taken over.
 *
 * @param what - shown to those who wait.
 * @param report - told once whom this call waits for.
 */
export async function withLock<T>(
  file: string,
  what: string,
  report: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return holdingLock(
    file,
    what,
    (holder) => report(`Waiting for \`${holder.what}\` (process ${holder.pid}), which is at work here.`),
    work,
  );
}
