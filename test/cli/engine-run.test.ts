import { spawn } from "node:child_process";
import { expect, test, vi } from "vitest";
import { operate } from "../../local/cli/engine-run.ts";
import type { Invocation } from "../../local/cli/invocation.ts";
import type { Session } from "../../local/cli/session.ts";
import { startOf } from "../../local/system/processes.ts";

const { engine, recoverStack, record } = vi.hoisted(() => ({
  engine: vi.fn(),
  recoverStack: vi.fn(async () => {}),
  record: { interrupted: false },
}));
vi.mock("../../local/cli/recover.ts", () => ({ recoverStack }));
vi.mock("../../local/stack/records.ts", () => ({ wasInterrupted: async () => record.interrupted }));
vi.mock("../../local/stack/engine.ts", () => ({ runEngine: engine }));
vi.mock("../../local/stack/backend.ts", () => ({ ensureStack: async () => {} }));
vi.mock("../../local/stack/locks.ts", () => ({ removeStaleLocks: async () => {} }));
vi.mock("../../local/stack/settings-copy.ts", () => ({ copyConfig: async () => "Pulumi.dev.yaml" }));

test("one Ctrl-C, which comes from the terminal and from npm, is told once; the engine is waited for", async () => {
  const lines: string[] = [];
  const invocation = { stack: "dev", report: (line) => lines.push(line) } as Partial<Invocation>;
  const before = process.listeners("SIGINT");
  let recorded = false;
  engine.mockImplementation(async () => {
    const [interrupted] = process.listeners("SIGINT").filter((listener) => !before.includes(listener));
    for (let times = 0; times < 2; times++) interrupted?.("SIGINT");
    await new Promise((resolve) => setImmediate(resolve));
    recorded = true;
  });
  const azure = { pid: process.pid, started: await startOf(process.pid) };
  await operate({ azure } as Session, invocation as Invocation, ["up"]);
  expect(recorded).toBe(true);
  expect(lines).toEqual(["Interrupted: waiting for the engine to finish the running operation."]);
  expect(process.listeners("SIGINT")).toEqual(before);
});

test("local Azure that ends in the middle ends the engine, and one sentence says what goes on from there", async () => {
  const child = spawn("sleep", ["60"]);
  const azure = { pid: child.pid, started: await startOf(child.pid!) };
  engine.mockImplementation(async (_: string[], { signal }: { signal: AbortSignal }) => {
    child.kill();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new Error("The engine reported an error (see above).");
  });
  const invocation = { stack: "dev", report: () => {} } as Partial<Invocation>;
  await expect(operate({ azure } as Session, invocation as Invocation, ["up", "--yes"])).rejects.toThrow(
    /^Local Azure \(process \d+\) has ended in the middle of `up`: `npm run local -- up --stack dev` starts it again [^\n]+$/,
  );
});

test("what became of an interrupted command is looked at before the next one, but not by a preview, which changes no record", async () => {
  const azure = { pid: process.pid, started: await startOf(process.pid) };
  const order: string[] = [];
  engine.mockImplementation(async ([operation]: string[]) => void order.push(operation!));
  recoverStack.mockImplementation(async () => void order.push("recover"));
  const invocation = { stack: "dev", report: () => {} } as Partial<Invocation> as Invocation;
  const run = (operation: string) => operate({ azure } as Session, invocation, [operation]);
  await run("up");
  record.interrupted = true;
  for (const operation of ["preview", "up", "destroy"]) await run(operation);
  expect(order).toEqual(["up", "preview", "recover", "up", "recover", "destroy"]);
});

test.each([
  [
    "ends its engine",
    async () => Promise.reject(new Error("refresh was cancelled")),
    "refresh was cancelled",
  ],
  ["comes between two engines", async () => {}, "`up` was interrupted before it began."],
])(
  "Ctrl-C while that is looked at is waited for, and nothing is run after it: it %s",
  async (_, end, told) => {
    const lines: string[] = [];
    const invocation = { stack: "dev", report: (line) => lines.push(line) } as Partial<Invocation>;
    const before = process.listeners("SIGINT");
    recoverStack.mockImplementation(async () => {
      for (const listener of process.listeners("SIGINT")) if (!before.includes(listener)) listener("SIGINT");
      await end();
    });
    engine.mockReset();
    const azure = { pid: process.pid, started: await startOf(process.pid) };
    const running = operate({ azure } as Session, invocation as Invocation, ["up"]);
    await expect(running).rejects.toThrow(told);
    expect(lines).toEqual(["Interrupted: waiting for the engine to finish the running operation."]);
    expect(engine).not.toHaveBeenCalled();
    expect(process.listeners("SIGINT")).toEqual(before);
  },
);
