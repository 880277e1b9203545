import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { paths } from "../system/clone.ts";
import { readJson } from "../system/files.ts";
import { processesWith, startOf } from "../system/processes.ts";
import { projectName } from "./project.ts";

interface Lock {
  file: string;
  stack: string;
  /** None in what an engine that was killed had begun to write. */
  pid: number | undefined;
}

/** Engines that change something in this clone, whoever started them. A preview takes no lock, and is none of them. */
export async function enginesAtWork(): Promise<Lock[]> {
  const folder = await locksFolder();
  const stacks = existsSync(folder) ? await readdir(folder) : [];
  const locks = (await Promise.all(stacks.map(locksOf))).flat();
  if (locks.length === 0) return [];
  // A lock that was left may have the id of another process by now.
  const engines = await processesWith((word, position) => position === 0 && basename(word) === "pulumi");
  return locks.filter(({ pid }) => pid !== undefined && engines.includes(pid));
}

/**
 * Removes the locks that engines which are gone left in the file backend, as after a kill or a reboot; who calls this
 * holds the stack's lock. A living engine's lock stays, and the engine then says whose it is.
 */
export async function removeStaleLocks(stack: string): Promise<void> {
  for (const { file, pid } of await locksOf(stack)) {
    const lives = pid !== undefined && (await startOf(pid)) !== undefined;
    if (!lives) await rm(file, { force: true });
  }
}

async function locksOf(stack: string): Promise<Lock[]> {
  const folder = join(await locksFolder(), stack);
  const names = existsSync(folder) ? await readdir(folder) : [];
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      // Gone meanwhile with its engine, or not whole.
      const lock = await readJson<{ pid: number }>(file).catch(() => undefined);
      return { file, stack, pid: lock?.pid };
    }),
  );
}

async function locksFolder(): Promise<string> {
  return join(paths.pulumiState, ".pulumi", "locks", "organization", await projectName());
}
