import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ensureWritable } from "../../local/system/writable.ts";
import { mayUnshare, sentence, temporaryFolder } from "../setup/sandbox.ts";

it("makes the folder, and leaves nothing in it", async () => {
  const folder = join(temporaryFolder(), "a", "b");
  await ensureWritable(folder, "do something");
  expect(readdirSync(folder)).toEqual([]);
});

it("says why it cannot be written, and the remedy", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  expect(await sentence(ensureWritable(join(file, "cache"), "set XDG_CACHE_HOME"))).toBe(
    `Cannot write to ${join(file, "cache")} (a part of this path is not a directory): set XDG_CACHE_HOME.`,
  );
});

it.skipIf(!mayUnshare)("finds a read-only mount out, which root's rights do not show", () => {
  const folder = temporaryFolder();
  const module = join(import.meta.dirname, "../../local/system/writable.ts");
  const code = `import(process.argv[1]).then((m) => m.ensureCache(process.argv[2])).catch((e) => console.log(e.message))`;
  const commands = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$1" -e "$2" "$3" "$0/a/b"`;
  const done = spawnSync(
    "unshare",
    ["--map-root-user", "--mount", "sh", "-c", commands, folder, process.execPath, code, module],
    { encoding: "utf8" },
  );
  expect(done.stdout).toBe(
    `Cannot write to ${folder}/a/b (it is on a read-only file system): make it writable, or set XDG_CACHE_HOME to a directory that is.\n`,
  );
});
