import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

/** A folder in this repository, since a model is in one, and git ignores this. */
mkdirSync(".image", { recursive: true });
const root = mkdtempSync(".image/test-");
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;

/** Makes a folder with these files, path to text. Resolves to its path from the repository's root. */
export function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
