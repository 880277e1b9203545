import { readdir, readFile, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { readJson } from "./files.ts";
import { startOf } from "./start-of.mjs";

export { startOf };

/** Says of one argument of a process whether it makes the process ours; `argv[0]` is the program. */
export type Belongs = (argument: string, position: number, argv: string[]) => boolean;

/** Ids of this user's other processes that have such an argument; none where there is no /proc. */
export async function processesWith(belongs: Belongs): Promise<number[]> {
  const user = process.getuid?.();
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      // A process may end while it is looked at.
      const owner = await stat(`/proc/${id}`).catch(() => undefined);
      if (owner?.uid !== user) return [];
      const line = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      return line.split("\0").some(belongs) ? [Number(id)] : [];
    }),
  );
  return found.flat().filter((id) => id !== process.pid);
}

/** What a file says of a process that still runs; undefined where there is no such file, or no such process any more. */
export async function readLiving<T extends { pid: number; started: string }>(
  file: string,
): Promise<T | undefined> {
  const remembered = await readJson<T>(file);
  return remembered && (await startOf(remembered.pid)) === remembered.started ? remembered : undefined;
}

/**
 * Ends one process: SIGTERM, and SIGKILL when it is still there after `graceSeconds`.
 *
 * @param started - what `startOf` said when the process was known to be ours; another process of that id is left alone.
 */
export async function endProcess(pid: number, started: string, graceSeconds = 60): Promise<void> {
  const alive = async () => (await startOf(pid)) === started;
  if (!(await alive())) return;
  signal(pid, "SIGTERM");
  const deadline = Date.now() + graceSeconds * 1000;
  let killed = false;
  while (await alive()) {
    if (!killed && Date.now() > deadline) {
      signal(pid, "SIGKILL");
      killed = true;
    }
    await delay(100);
  }
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPERM") throw new Error(`Process ${pid} is another user's: ask them, or root, to end it.`);
    // Ended in the meantime.
    if (code !== "ESRCH") throw error;
  }
}
