import { join } from "node:path";
import { withLock } from "../system/lock.ts";
import type { Report } from "../system/report.ts";
import { ensureCache } from "../system/writable.ts";

/** What every part of the tool chain works with. */
export interface Context {
  report: Report;
  /** Shared by all clones of the user. */
  cacheDirectory: string;
  /** Where programs are sought: PATH without the wrapper that `env` puts first. */
  path: string;
  /** Ends what is being built or installed, since another part has failed. */
  signal: AbortSignal;
}

/**
 * Runs `work` in the cache, while no other clone does the same.
 *
 * @param name - of the lock file.
 * @param what - shown to those who wait.
 */
export async function inCache<T>(
  { cacheDirectory, report }: Context,
  name: string,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  await ensureCache(cacheDirectory);
  return withLock(join(cacheDirectory, `${name}.lock`), `${what} in ${process.cwd()}`, report, work);
}
