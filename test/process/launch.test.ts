import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launch } from "../../local/process/launch.ts";
import { endProcess, processesWith, startOf } from "../../local/system/processes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "launch-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(code: string, seconds = 60) {
  const script = join(folder, "script.mjs");
  await writeFile(script, code);
  const logFile = join(folder, "log");
  const environment = { ...process.env, NAME: "value" };
  return launch<{ told: unknown }>({ script, argument: "argument", environment, logFile, seconds });
}

const failure = (code: string, seconds?: number) =>
  run(code, seconds).then(
    () => "ready",
    (error: Error) => error.message,
  );

test("a process that is ready is known by id and start, and goes on", async () => {
  const { pid, started, told } = await run(`
    process.send({ ready: { told: [process.argv[2], process.env.NAME] } });
    setInterval(() => {}, 60_000);
  `);
  expect(told).toEqual(["argument", "value"]);
  expect(await startOf(pid)).toBe(started);
  await endProcess(pid, started);
});

test("the message of one that tells of its failure is all that a person sees", async () => {
  const code = `
    console.log("noise");
    process.send({ failed: "Port 1 is taken." }, () => process.exit(1));
  `;
  expect(await failure(code)).toBe("Port 1 is taken.");
});

test("one that ends without telling is quoted", async () => {
  expect(await failure('console.log("last words"); process.exit(3);')).toBe(
    "Local Azure did not start: it ended (exit code 3).\nlast words",
  );
});

test("one that is silent is ended", async () => {
  expect(await failure("setTimeout(() => {}, 600_000);", 0.5)).toContain(
    "Local Azure did not start: it was not ready within 0.5 s.",
  );
  const script = join(folder, "script.mjs");
  await expect.poll(() => processesWith((argument) => argument === script)).toEqual([]);
});

test("one whose log is gone too is told of all the same", async () => {
  const code = `import { rmSync } from "node:fs"; rmSync(${JSON.stringify(join(folder, "log"))}); process.exit(3);`;
  expect(await failure(code)).toBe("Local Azure did not start: it ended (exit code 3).\n");
});
