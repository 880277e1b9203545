import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withLock } from "../../local/system/lock.ts";
import { startOf } from "../../local/system/processes.ts";

// Who waits looks again at once: more looks at the same time, and no waiting here.
vi.mock("node:timers/promises", () => ({ setTimeout: () => new Promise(setImmediate) }));
// Disks are as slow as they like: what is done in one order here is done in another there.
vi.mock("node:fs/promises", async (original) => {
  const slow =
    (call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      for (let turns = Math.random() ** 4 * 40; turns > 1; turns -= 1) await new Promise(setImmediate);
      return call(...args);
    };
  const real = await original<typeof import("node:fs/promises")>();
  return Object.fromEntries(
    Object.entries(real).map(([name, value]) => [
      name,
      typeof value === "function" ? slow(value as never) : value,
    ]),
  );
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("one holds the lock at a time, and who waits says for whom", async () => {
  const file = join(folder, "lock");
  const order: string[] = [];
  let line = "";
  const waiting = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const first = withLock(
    file,
    "the first",
    () => undefined,
    async () => {
      inside.resolve();
      await waiting.promise;
      order.push("first");
    },
  );
  await inside.promise;
  const report = (text: string) => {
    line = text;
    waiting.resolve();
  };
  await withLock(file, "the second", report, async () => void order.push("second"));
  await first;
  expect(order).toEqual(["first", "second"]);
  expect(line).toBe(`Waiting for \`the first\` (process ${process.pid}), which is at work here.`);
});

test("the lock of a process that is gone is taken over", async () => {
  const file = join(folder, "lock");
  await writeFile(file, JSON.stringify({ pid: process.pid, started: "another boot", what: "gone" }));
  const lines: string[] = [];
  expect(
    await withLock(
      file,
      "next",
      (line) => lines.push(line),
      async () => "done",
    ),
  ).toBe("done");
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

test("of many that find the lock of a process that is gone, one holds it at a time", async () => {
  const file = join(folder, "lock");
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    // Long enough for the others to look at the lock.
    for (let turn = 0; turn < 8; turn += 1) await readFile(file);
    inside -= 1;
  };
  for (let round = 0; round < 20; round += 1) {
    await writeFile(file, JSON.stringify({ pid: process.pid, started: "another boot", what: "gone" }));
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, "next", () => undefined, work)));
  }
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("one who died while removing a lock that was left holds nobody up", async () => {
  const file = join(folder, "lock");
  const left = JSON.stringify({ pid: process.pid, started: "another boot", what: "gone" });
  await writeFile(file, left);
  await writeFile(`${file}.stale`, left);
  const done = await withLock(
    file,
    "next",
    () => undefined,
    async () => "done",
  );
  expect(done).toBe("done");
  expect(await readdir(folder)).toEqual([]);
});

test("the lock is released when the work fails", async () => {
  const file = join(folder, "lock");
  const fails = withLock(
    file,
    "failing",
    () => undefined,
    () => Promise.reject(new Error("no")),
  );
  await expect(fails).rejects.toThrow("no");
  expect(
    await withLock(
      file,
      "next",
      () => undefined,
      async () => 1,
    ),
  ).toBe(1);
});

test("a process is told by its start, not by its id alone", async () => {
  expect(await startOf(process.pid)).toBe(await startOf(process.pid));
  expect(await startOf(process.pid)).not.toBe(await startOf(process.ppid));
  expect(await startOf(2 ** 22 + 1)).toBeUndefined();
});
