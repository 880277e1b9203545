import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ToolchainError } from "./errors.ts";

const reasons: Record<string, string> = {
  EROFS: "it is on a read-only file system",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOSPC: "no space left",
  EDQUOT: "disk quota exceeded",
  ENOTDIR: "a part of this path is not a directory",
  EEXIST: "a file is in its place",
};

/**
 * Makes `directory` where it is missing and writes a file to it: access rights alone do not tell what root meets on
 * a read-only mount.
 *
 * @param remedy - what a person can do, as a clause: "set XDG_CACHE_HOME to a directory that can be written".
 * @throws ToolchainError when it cannot be written.
 */
export async function ensureWritable(directory: string, remedy: string): Promise<void> {
  // The nearest folder that exists is asked first: making several at once answers ENOENT on a read-only mount.
  let existing = directory;
  while (!existsSync(existing)) existing = dirname(existing);
  const probe = join(existing, `.write-test-${randomUUID()}`);
  try {
    await writeFile(probe, "");
    await rm(probe);
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!(code in reasons)) throw error;
    throw new ToolchainError(`Cannot write to ${directory} (${reasons[code]}): ${remedy}.`);
  }
}

/** `ensureWritable` for the cache of the tool chain. */
export function ensureCache(directory: string): Promise<void> {
  return ensureWritable(directory, "make it writable, or set XDG_CACHE_HOME to a directory that is");
}
