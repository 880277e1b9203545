import { mkdtempSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test, vi } from "vitest";
import { runEngine } from "../../local/stack/engine.ts";
import { paths } from "../../local/system/clone.ts";

vi.mock("../../local/system/clone.ts", () => ({
  paths: { engine: `${mkdtempSync(`${tmpdir()}/engine-test-`)}/pulumi` },
}));
const directory = dirname(paths.engine);
afterAll(() => rm(directory, { recursive: true }));

/** Puts a shell script in the engine's place. */
async function engine(script: string): Promise<void> {
  await writeFile(paths.engine, `#!/bin/sh\n${script}\n`);
  await chmod(paths.engine, 0o755);
}

test("runs in its folder with its variables, asks nothing, and resolves with what it printed", async () => {
  await engine('echo "$PWD $NAME $@"; echo more >&2');
  const printed = await runEngine(["stack", "ls"], { directory, environment: { NAME: "value" } });
  expect(printed).toBe(`${directory} value stack ls --non-interactive\n`);
});

test("what it prints is told as it comes, and its failure repeats none of it", async () => {
  await engine("echo one; echo two >&2; exit 3");
  const told: string[] = [];
  const onOutput = (text: string, stream: string) => told.push(`${stream}: ${text}`);
  await expect(runEngine(["up"], { directory, environment: {}, onOutput })).rejects.toThrow(
    /^The engine reported an error \(see above\)\.$/,
  );
  expect(told.toSorted()).toEqual(["stderr: two\n", "stdout: one\n"]);
});

test("a failure that nobody has seen is told with the engine's words", async () => {
  await engine("echo 'error: no stack' >&2; exit 255");
  await expect(runEngine(["stack", "rm", "dev"], { directory, environment: {} })).rejects.toThrow(
    "The engine reported an error in `pulumi stack rm dev`: error: no stack",
  );
});

test("what ends this process is passed on, and the engine's own end waited for", async () => {
  await engine("trap 'echo recorded; exit 0' TERM; echo started; while :; do sleep 0.1; done");
  const before = process.listeners("SIGTERM");
  const onOutput = (text: string) => {
    const [passOn] = process.listeners("SIGTERM").filter((listener) => !before.includes(listener));
    if (text.startsWith("started")) passOn?.("SIGTERM");
  };
  const printed = await runEngine(["up"], { directory, environment: {}, onOutput });
  expect(printed).toBe("started\nrecorded\n");
  expect(process.listeners("SIGTERM")).toEqual(before);
});

test("an engine that is elsewhere is told of Ctrl-C, once though it comes twice through npm", async () => {
  const before = process.listeners("SIGINT");
  const told: string[] = [];
  const start = async (argv: string[]) => {
    const ended = Promise.withResolvers<number>();
    const kill = (signal: string) => told.push(signal);
    setImmediate(() => {
      for (let times = 0; times < 2; times++)
        for (const listener of process.rawListeners("SIGINT"))
          if (!before.includes(listener as never)) listener("SIGINT");
      ended.resolve(0);
    });
    return {
      stdout: Readable.from([argv.join(" ")]),
      stderr: Readable.from([]),
      ended: ended.promise,
      kill,
    };
  };
  expect(await runEngine(["up"], { directory, environment: {}, start })).toBe("up --non-interactive");
  expect(told).toEqual(["SIGINT"]);
  expect(process.listeners("SIGINT")).toEqual(before);
});

test("what comes while an engine starts elsewhere is passed on when it has started", async () => {
  const before = process.listeners("SIGTERM");
  const ended = Promise.withResolvers<number>();
  const start = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const passOn = process.listeners("SIGTERM").filter((listener) => !before.includes(listener));
    for (const listener of passOn) listener("SIGTERM");
    const none = () => Readable.from([]);
    // It ends in any case.
    setTimeout(() => ended.resolve(1), 100);
    return { stdout: none(), stderr: none(), ended: ended.promise, kill: () => ended.resolve(0) };
  };
  await runEngine(["up"], { directory, environment: {}, start });
  expect(process.listeners("SIGTERM")).toEqual(before);
});

test("an engine that is not there is an error", async () => {
  await rm(paths.engine);
  await expect(runEngine(["up"], { directory, environment: {} })).rejects.toThrow("ENOENT");
});
