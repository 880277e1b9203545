// Plain JavaScript: dependencies.mjs needs it too, with a Node that may not run TypeScript.
import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { withCleanUp } from "./clean-up.mjs";
import { startOf } from "./start-of.mjs";

/**
 * Who holds a lock: a process, known by its id and its start (see `startOf`), since an id alone may have been given to
 * another; and what it says it is doing, e.g. `npm run local -- up`.
 *
 * @typedef {{ pid?: number, started?: string, what?: string }} Holder
 */

/**
 * Runs `work` while holding the lock file, after waiting for whoever holds it. A lock of a process that is gone is
 * taken over. The file's folder is there.
 *
 * @template T
 * @param {string} file
 * @param {string | undefined} what - what this process is doing.
 * @param {(holder: Holder) => void} onWait - told once of each holder that this call waits for.
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function holdingLock(file, what, onWait, work) {
  /** @type {number | undefined} */
  let told;
  while (!(await tryLock(file, what))) {
    const holder = await readHolder(file);
    if (holder?.pid && holder.pid !== told) {
      onWait(holder);
      told = holder.pid;
    }
    await delay(200);
  }
  // The file may be gone with its folder.
  return withCleanUp(work, () => rm(file, { force: true }));
}

/**
 * @param {string} file
 * @param {string | undefined} what
 * @returns {Promise<boolean>}
 */
async function tryLock(file, what) {
  const mine = `${file}.${randomUUID()}`;
  const holder = { pid: process.pid, started: await startOf(process.pid), what };
  const attempt = async () => {
    await writeFile(mine, JSON.stringify(holder), { mode: 0o600 });
    // A hard link appears whole or not at all: nobody sees a lock without its holder.
    await link(mine, file);
  };
  try {
    await withCleanUp(attempt, () => rm(mine, { force: true }));
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  await removeLeft(file, what);
  return false;
}

/**
 * Removes the lock of a process that is gone. Whoever removes one holds a lock on that: between the look and the
 * removal nobody else can have taken it over.
 *
 * @param {string} file
 * @param {string | undefined} what
 */
async function removeLeft(file, what) {
  if (!(await isLeft(file))) return;
  const removal = `${file}.stale`;
  // Who died at it left a lock like any other.
  if (!(await tryLock(removal, what))) return;
  const remove = async () => {
    if (await isLeft(file)) await rm(file, { force: true });
  };
  await withCleanUp(remove, () => rm(removal, { force: true }));
}

/**
 * True where the lock is there and nobody holds it.
 *
 * @param {string} file
 */
async function isLeft(file) {
  const holder = await readHolder(file);
  return holder !== undefined && (!holder.pid || (await startOf(holder.pid)) !== holder.started);
}

/**
 * The holder; undefined where the file is gone, nobody where it says nothing, as after a loss of power.
 *
 * @param {string} file
 * @returns {Promise<Holder | undefined>}
 */
async function readHolder(file) {
  try {
    return { ...JSON.parse(await readFile(file, "utf8")) };
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
