import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { withCleanUp } from "./clean-up.mjs";

/**
 * Replaces `file` as a whole: whoever reads it, at whatever moment, after a crash too, sees the old or the new text.
 * The file is readable by its owner only.
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array): Promise<void> {
  // Another process may be writing the same file.
  const made = `${file}.${process.pid}.new`;
  const next = await open(made, "w", 0o600);
  const write = async () => {
    await next.writeFile(data);
    await next.sync();
  };
  await withCleanUp(write, () => next.close());
  await rename(made, file);
  const folder = await open(dirname(file), "r");
  // Without this the new name itself may be lost with the power.
  await withCleanUp(
    () => folder.sync(),
    () => folder.close(),
  );
}

/**
 * Makes a file or a folder under another name, and gives it its own when it is whole.
 *
 * @param make - is given the other name.
 */
export async function makeWhole(path: string, make: (made: string) => Promise<unknown>): Promise<void> {
  const made = `${path}.${process.pid}`;
  const put = async () => {
    await make(made);
    await rename(made, path);
  };
  await withCleanUp(put, () => rm(made, { recursive: true, force: true }));
}

/** What a file says in JSON; undefined where there is no such file. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
