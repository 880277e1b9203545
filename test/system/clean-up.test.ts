import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { cleanedUp, withCleanUp } from "../../local/system/clean-up.mjs";
import { writeFileAtomically } from "../../local/system/files.ts";
import { withLock } from "../../local/system/lock.ts";

/** A file of a full disk: it can neither be written nor closed. */
const disk = vi.hoisted(() => ({ full: false }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const fails = (message: string) => () => Promise.reject(new Error(message));
  const full = { writeFile: fails("no space left"), close: fails("cannot close") };
  return { ...real, open: (...args: [string]) => (disk.full ? Promise.resolve(full) : real.open(...args)) };
});

const failing = (message: string) => () => Promise.reject(new Error(message));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "clean-up-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("the clean-up comes after the work, whatever became of it", async () => {
  const order: string[] = [];
  const cleanUp = () => order.push("clean-up");
  expect(await withCleanUp(() => order.push("work"), cleanUp)).toBe(1);
  await expect(withCleanUp(failing("first"), cleanUp)).rejects.toThrow(/^first$/);
  expect(order).toEqual(["work", "clean-up", "clean-up"]);
});

test("a clean-up that fails after the work is the error of the whole", async () => {
  await expect(withCleanUp(() => 1, failing("second"))).rejects.toThrow(/^second$/);
});

test("after an error it is told in a second line, of the same error", async () => {
  const first = Object.assign(new TypeError("first"), { code: "ONE" });
  expect(await cleanedUp(first, failing("second\n  of two lines\n"))).toBe(first);
  expect(first.message).toBe("first\nCleaning up failed too: second / of two lines");
  expect(first.stack).toMatch(/^TypeError: first\n[\s\S]*\nCleaning up failed too: second/);
});

test.each<[string, unknown, string]>([
  [
    "an aborted signal's error, whose message cannot be assigned",
    AbortSignal.abort().reason,
    "This operation was aborted",
  ],
  ["what is no error", "a text", "a text"],
])("%s gets its line too", async (_, first, message) => {
  const error = (await cleanedUp(first, failing("second"))) as Error;
  expect(error.message).toBe(`${message}\nCleaning up failed too: second`);
});

test("a lock that cannot be removed does not hide what became of the work", async () => {
  const file = join(await temporaryFolder(), "lock");
  const work = async () => {
    await rm(file);
    await mkdir(file);
    throw new Error("the work failed");
  };
  await expect(withLock(file, "work", () => undefined, work)).rejects.toThrow(
    /^the work failed\nCleaning up failed too: /,
  );
});

test("a file that cannot be closed does not hide why it could not be written", async () => {
  disk.full = true;
  onTestFinished(() => {
    disk.full = false;
  });
  await expect(writeFileAtomically("/nonexistent/file", "text")).rejects.toThrow(
    "no space left\nCleaning up failed too: cannot close",
  );
});
