import { expect, test, vi } from "vitest";
import { operate } from "../../local/cli/engine-run.ts";
import type { Invocation } from "../../local/cli/invocation.ts";
import type { Session } from "../../local/cli/session.ts";

const { engine } = vi.hoisted(() => ({ engine: vi.fn() }));
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
  await operate({} as Session, invocation as Invocation, ["up"]);
  expect(recorded).toBe(true);
  expect(lines).toEqual(["Interrupted: waiting for the engine to finish the running operation."]);
  expect(process.listeners("SIGINT")).toEqual(before);
});
