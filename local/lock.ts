import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startOf } from "./processes.ts";

interface Holder {
  pid: number;
  /** Start of the holder, as `startOf` tells it: a process id alone may have been given to another. */
  started: string;
  /** What the holder says it is doing, e.g. `npm run local -- up`. */
  what: string;
}

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
  let told = 0;
  while (!(await tryLock(file, what))) {
    const holder = await readHolder(file);
    if (holder && holder.pid !== told) {
      report(`Waiting for \`${holder.what}\` (process ${holder.pid}), which is at work here.`);
      told = holder.pid;
    }
    await delay(200);
  }
  try {
    return await work();
  } finally {
    // It may be gone with its folder; that must not hide what became of the work.
    await rm(file, { force: true });
  }
}

async function tryLock(file: string, what: string): Promise<boolean> {
  const mine = `${file}.${randomUUID()}`;
  const holder: Holder = { pid: process.pid, started: (await startOf(process.pid)) ?? "", what };
  try {
    await writeFile(mine, JSON.stringify(holder), { mode: 0o600 });
    // A hard link appears whole or not at all: nobody sees a lock without its holder.
    await link(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(mine, { force: true });
  }
  await removeStale(file, what);
  return false;
}

/**
 * Removes the lock of a process that is gone. Whoever removes one holds a lock on that: between the look and the
 * removal nobody else can have taken it over.
 */
async function removeStale(file: string, what: string): Promise<void> {
  if (!(await isStale(file))) return;
  const removal = `${file}.stale`;
  // Who died at it left a lock like any other.
  if (!(await tryLock(removal, what))) return;
  try {
    if (await isStale(file)) await rm(file, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
}

async function isStale(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  return holder !== undefined && (await startOf(holder.pid)) !== holder.started;
}

/** The holder; undefined when it has just gone. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
