import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { createLog } from "../../../scoring-app/src/log.ts";
import { Interpreter, LateRun } from "../../../scoring-app/src/runtime/python/interpreter.ts";
import { temporaryFolder } from "../../setup/sandbox.ts";

/** Waits without letting the event loop run: not for ever, since no time-out of the test could end it. */
function block(until: () => boolean): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + 60_000;
  while (!until() && performance.now() < end) Atomics.wait(sleeper, 0, 0, 5);
}

/** A process of a run() that does this and gives its data back. */
async function start(
  folder: string,
  body: string,
  { timeoutMs, overlaps }: { timeoutMs: number; overlaps?: boolean },
) {
  const script = join(folder, "score.py");
  writeFileSync(
    script,
    `import os, time
def init(): pass
def run(data):
    ${body}
    return data`,
  );
  const options = { python: "python3", script, overlaps, log: createLog(() => {}) };
  const interpreter = await Interpreter.start(options, timeoutMs);
  return { interpreter, ask: (data: string) => interpreter.ask(data, "", Buffer.from(data)) };
}

it("an answer that comes after its request was late goes to nobody, and the next one to its own request", async () => {
  const folder = temporaryFolder();
  const [go, third] = [join(folder, "go"), join(folder, "third")];
  const timeoutMs = 300;
  const { interpreter, ask } = await start(
    folder,
    `if data == "one":
        while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.001)
    if data == "three":
        open(${JSON.stringify(third)}, "w").close()
        time.sleep(3600)`,
    { timeoutMs },
  );
  const asked = ["one", "two", "three"].map(ask);
  const settled = Promise.allSettled(asked);
  // They go out at the end of a turn.
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  const since = performance.now();
  writeFileSync(go, "");
  block(() => existsSync(third) && performance.now() - since > timeoutMs);
  const [one, two, three] = await settled;
  expect(one).toEqual({ status: "rejected", reason: expect.any(LateRun) });
  expect(two).toMatchObject({ status: "fulfilled", value: { body: Buffer.from('"two"') } });
  expect(three).toMatchObject({ status: "rejected" });
  await interpreter.ended;
});

it("where it has a core of its own, the first half of what came together is answered while the rest runs", async () => {
  const folder = temporaryFolder();
  const go = join(folder, "go");
  const { interpreter, ask } = await start(
    folder,
    `while data == "three" and not os.path.exists(${JSON.stringify(go)}): time.sleep(0.001)`,
    { timeoutMs: 10_000, overlaps: true },
  );
  // So many quick ones that answers wait for those behind them.
  for (let quick = 0; quick < 200; quick++) await ask("quick");
  const [one, two, ...rest] = ["one", "two", "three", "four"].map(ask);
  await Promise.all([one, two]);
  writeFileSync(go, "");
  expect((await Promise.all(rest)).map(({ body }) => body.toString())).toEqual(['"three"', '"four"']);
  await interpreter.stop();
});
