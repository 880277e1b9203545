import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Context } from "../../local/setup/context.ts";

/** A folder that lasts as long as the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "toolchain-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script. */
export function script(file: string, body: string): string {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A machine whose PATH holds nothing but what the test puts into `bin`, and a cache of its own. */
export function machine(): { context: Context; bin: string; lines: string[]; failure: AbortController } {
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const lines: string[] = [];
  const failure = new AbortController();
  const context: Context = {
    report: (line) => lines.push(line),
    cacheDirectory: join(folder, "cache"),
    path: bin,
    signal: failure.signal,
  };
  return { context, bin, lines, failure };
}

/** A fake Go: `go env` answers with this version, `go list` fetches nothing, `go build -o FILE` runs `build` with $out set. */
export function fakeGo(bin: string, build: string, version = "go9.9.9", toolchain = "local"): void {
  script(
    join(bin, "go"),
    `if [ "$1" = env ]; then printf '%s\\n%s\\n' ${version} ${toolchain}; exit; fi
[ "$1" = list ] && exit
while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
${build}`,
  );
}

/** True where a process may have mounts and process ids of its own, which some states of a machine need. */
export const mayUnshare =
  spawnSync("unshare", ["--map-root-user", "--mount", "--pid", "--fork", "--mount-proc", "true"]).status ===
  0;

/** The rejection's message; fails when there is none. */
export async function sentence(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if ((error as Error).name !== "ToolchainError") throw error;
    return (error as Error).message;
  }
  throw new Error("It did not fail.");
}
