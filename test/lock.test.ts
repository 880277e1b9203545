import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "../local/lock.ts";
import { startOf } from "../local/processes.ts";

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
