import { expect, test, vi } from "vitest";
import { preview } from "../../local/cli/engine-commands.ts";
import type { Invocation } from "../../local/cli/invocation.ts";
import { up } from "../../local/cli/up.ts";

const { operate } = vi.hoisted(() => ({ operate: vi.fn() }));

vi.mock("../../local/cli/with-session.ts", () => ({
  withExclusiveSession: (_: string, __: Invocation, work: (session: object) => Promise<void>) => work({}),
}));
vi.mock("../../local/cli/engine-run.ts", () => ({ operate }));
operate.mockRejectedValue(new Error("The engine reported an error (see above)."));
vi.mock("../../local/stack/records.ts", () => ({ stackExists: async () => false }));
vi.mock("../../local/stack/backend.ts", () => ({
  removeStack: () => Promise.reject(new Error("code: 255\n stderr: error: the stack is locked\n")),
}));

test("a preview that fails is told of first, where its stack cannot be removed either", async () => {
  await expect(preview({ stack: "dev" } as Invocation)).rejects.toThrow(
    /^The engine reported an error \(see above\)\.\nCleaning up failed too: code: 255 \/ stderr: error: the stack is locked$/,
  );
});

test("up passes on what is to be made anew", async () => {
  const replace = ["**:Image::*", "urn:pulumi:dev::p::t::n"];
  await expect(up({ stack: "dev", replace } as Invocation)).rejects.toThrow("The engine reported an error");
  expect(operate.mock.lastCall?.[2]).toEqual([
    "up",
    "--yes",
    "--skip-preview",
    "--replace",
    "**:Image::*",
    "--replace",
    "urn:pulumi:dev::p::t::n",
  ]);
});
