import { expect, test, vi } from "vitest";
import { preview } from "../../local/cli/engine-commands.ts";
import type { Invocation } from "../../local/cli/invocation.ts";

vi.mock("../../local/cli/with-session.ts", () => ({
  withExclusiveSession: (_: string, __: Invocation, work: (session: object) => Promise<void>) => work({}),
}));
vi.mock("../../local/cli/engine-run.ts", () => ({
  operate: () => Promise.reject(new Error("The engine reported an error (see above).")),
}));
vi.mock("../../local/stack/records.ts", () => ({ stackExists: async () => false }));
vi.mock("../../local/stack/backend.ts", () => ({
  removeStack: () => Promise.reject(new Error("code: 255\n stderr: error: the stack is locked\n")),
}));

test("a preview that fails is told of first, where its stack cannot be removed either", async () => {
  await expect(preview({ stack: "dev" } as Invocation)).rejects.toThrow(
    /^The engine reported an error \(see above\)\.\nCleaning up failed too: code: 255 \/ stderr: error: the stack is locked$/,
  );
});
