import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { enginesAtWork, removeStaleLocks } from "../../local/stack/locks.ts";
import { projectName } from "../../local/stack/project.ts";
import { paths, stateDirectory } from "../../local/system/clone.ts";

vi.mock("../../local/system/clone.ts", async (original) => {
  const real = await original<typeof import("../../local/system/clone.ts")>();
  const state = mkdtempSync(join(tmpdir(), "locks-test-"));
  return { ...real, stateDirectory: state, paths: { ...real.paths, pulumiState: join(state, "state") } };
});
afterAll(() => rm(stateDirectory, { recursive: true }));

/** Above the largest process id. */
const gone = 2 ** 22 + 1;

async function folderOf(stack: string): Promise<string> {
  return join(paths.pulumiState, ".pulumi", "locks", "organization", await projectName(), stack);
}

async function lock(stack: string, pid: number): Promise<void> {
  await mkdir(await folderOf(stack), { recursive: true });
  await writeFile(
    join(await folderOf(stack), `${pid}.json`),
    JSON.stringify({ pid, username: "x", hostname: "x" }),
  );
}

test("engines at work are those of the locks that live; one that was left, or whose id another process has, is none", async () => {
  expect(await enginesAtWork()).toEqual([]);
  const engine = spawn("sleep", ["60"], { argv0: "/opt/pulumi" });
  await once(engine, "spawn");
  await lock("dev", engine.pid!);
  await lock("staging", gone);
  await lock("prod", process.pid);
  expect(await enginesAtWork()).toMatchObject([{ stack: "dev", pid: engine.pid }]);
  engine.kill();
  await once(engine, "close");
  expect(await enginesAtWork()).toEqual([]);
});

test("of a stack's locks those of engines that are gone are removed, and what one had begun to write", async () => {
  await lock("staging", process.pid);
  await writeFile(join(await folderOf("staging"), "5.json.1867.tmp"), "{");
  await removeStaleLocks("staging");
  await removeStaleLocks("new");
  expect(await readdir(await folderOf("staging"))).toEqual([`${process.pid}.json`]);
});
