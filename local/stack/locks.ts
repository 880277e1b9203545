import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "../system/clone.ts";
import { startOf } from "../system/processes.ts";
import { projectName } from "./project.ts";

/**
 * Removes the locks that engines which are gone left in the file backend, as after a kill or a reboot; who calls this
 * holds the clone's lock. A living engine's lock stays, and the engine then says whose it is.
 */
export async function removeStaleLocks(stack: string): Promise<void> {
  const folder = join(paths.pulumiState, ".pulumi", "locks", "organization", await projectName(), stack);
  if (!existsSync(folder)) return;
  for (const file of await readdir(folder)) {
    const { pid } = JSON.parse(await readFile(join(folder, file), "utf8")) as { pid: number };
    if ((await startOf(pid)) === undefined) await rm(join(folder, file), { force: true });
  }
}
