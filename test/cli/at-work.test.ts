import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { untilUnused, usingLocalAzure, withCloneLock, withStackLock } from "../../local/cli/at-work.ts";
import type { Invocation } from "../../local/cli/invocation.ts";
import { stateDirectory } from "../../local/system/clone.ts";

const { engines } = vi.hoisted(() => ({ engines: [] as { stack: string; pid: number }[] }));
vi.mock("../../local/stack/locks.ts", () => ({ enginesAtWork: async () => [...engines] }));
vi.mock("../../local/system/clone.ts", async (original) => {
  const real = await original<typeof import("../../local/system/clone.ts")>();
  const state = mkdtempSync(join(tmpdir(), "at-work-test-"));
  const moved = Object.entries(real.paths).map(([name, path]) => [
    name,
    path.replace(real.stateDirectory, state),
  ]);
  return { ...real, stateDirectory: state, paths: Object.fromEntries(moved) };
});
afterAll(() => rm(stateDirectory, { recursive: true }));

/** What happened, in order. */
let events: string[] = [];

function invocation(stack: string): Invocation {
  return { stack, report: (line) => events.push(line) } as Partial<Invocation> as Invocation;
}

/** An `up` that has begun when this resolves, and ends when it is told to. */
async function begin(stack: string): Promise<{ end(): Promise<void> }> {
  const [begun, toEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const one = invocation(stack);
  const open = async () => void events.push(`${stack} opens`);
  const work = async () => {
    events.push(`${stack} works`);
    begun.resolve();
    await toEnd.promise;
    events.push(`${stack} ends`);
  };
  const running = withStackLock("up", one, () => usingLocalAzure("up", one, open, work));
  await begun.promise;
  return {
    async end() {
      toEnd.resolve();
      await running;
    },
  };
}

/** A `stop`, which has all to itself. */
const stop = () =>
  withCloneLock("stop", invocation("dev"), async () => {
    await untilUnused((line) => events.push(line));
    events.push("stopped");
  });

/** Resolves when somebody has said that it waits. */
const waiting = (count = 1) =>
  expect.poll(() => events.filter((line) => line.startsWith("Waiting")).length).toBe(count);

const waitsFor = (command: string) =>
  `Waiting for \`npm run local -- ${command}\` (process ${process.pid}), which is at work here.`;

test("two stacks are worked on at once", async () => {
  events = [];
  const [one, other] = [await begin("dev"), await begin("staging")];
  await Promise.all([one.end(), other.end()]);
  expect(events.slice(0, 4)).toEqual(["dev opens", "dev works", "staging opens", "staging works"]);
});

test("a second command on a stack waits until the first has ended, and says for whom", async () => {
  events = [];
  const one = await begin("dev");
  const second = begin("dev");
  await waiting();
  await one.end();
  await (await second).end();
  expect(events).toEqual([
    ...["dev opens", "dev works", waitsFor("up --stack dev"), "dev ends"],
    ...["dev opens", "dev works", "dev ends"],
  ]);
});

test("local Azure stops when the last one that uses it has ended, and nobody begins meanwhile", async () => {
  events = [];
  const one = await begin("dev");
  const stopped = stop();
  await waiting();
  const other = begin("staging");
  await waiting(2);
  await one.end();
  await stopped;
  await (await other).end();
  expect(events).toEqual([
    ...["dev opens", "dev works", waitsFor("up --stack dev"), waitsFor("stop --stack dev")],
    ...["dev ends", "stopped", "staging opens", "staging works", "staging ends"],
  ]);
});

test("it does not stop under an engine that a person has started", async () => {
  events = [];
  engines.push({ stack: "pr-17", pid: 7 });
  const stopped = stop();
  await waiting();
  engines.pop();
  await stopped;
  expect(events).toEqual(["Waiting for the engine at work on stack pr-17 (process 7).", "stopped"]);
});

test("what cannot be opened, and work that fails, hold nobody up", async () => {
  events = [];
  const one = invocation("dev");
  const fail = async () => {
    throw new Error("no Docker");
  };
  const attempt = (open: () => Promise<void>, work: () => Promise<void>) =>
    withStackLock("up", one, () => usingLocalAzure("up", one, open, work));
  await expect(attempt(fail, async () => {})).rejects.toThrow("no Docker");
  await expect(attempt(async () => {}, fail)).rejects.toThrow("no Docker");
  await stop();
  await (await begin("dev")).end();
  expect(events).toEqual(["stopped", "dev opens", "dev works", "dev ends"]);
});
