import { existsSync } from "node:fs";
import { copyFile, lstat, mkdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { paths } from "../system/clone.ts";
import { writeFileAtomically } from "../system/files.ts";
import { recordOf } from "./records.ts";

/**
 * Makes a file backend that has this stack alone, for an engine that is not to see the others.
 *
 * @param folder - where; nothing is there yet.
 */
export async function lendStack(stack: string, folder: string): Promise<void> {
  for (const file of [join(paths.pulumiState, ".pulumi", "meta.yaml"), await recordOf(stack)]) {
    const lent = lentFile(folder, file);
    await mkdir(dirname(lent), { recursive: true, mode: 0o700 });
    if (existsSync(file)) await copyFile(file, lent);
  }
}

/**
 * Takes over what has become of a lent stack. A stranger may have written there: no link is followed, and what is no
 * record is not taken.
 */
export async function takeBackStack(stack: string, folder: string): Promise<void> {
  const record = await recordOf(stack);
  const lent = lentFile(folder, record);
  const found = await lstat(lent).catch(() => undefined);
  if (!found) return;
  const isPlain = found.isFile() && (await realpath(lent)) === lentFile(await realpath(folder), record);
  const text = isPlain ? await readFile(lent, "utf8") : "";
  if (!isRecord(text)) {
    throw new Error(
      `What stack ${stack} has is not known: the commit's program has replaced the engine's record of it. Delete its resource group (az group delete), then ${folder}.`,
    );
  }
  await writeFileAtomically(record, text);
}

function lentFile(folder: string, file: string): string {
  return join(folder, relative(paths.pulumiState, file));
}

function isRecord(text: string): boolean {
  try {
    const resources = JSON.parse(text).checkpoint?.latest?.resources ?? [];
    return Array.isArray(resources) && resources.every(({ type }) => typeof type === "string");
  } catch {
    return false;
  }
}
