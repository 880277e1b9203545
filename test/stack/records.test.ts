import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { UNSURE, wasInterrupted } from "../../local/stack/records.ts";
import { paths } from "../../local/system/clone.ts";

vi.mock("../../local/system/clone.ts", () => ({
  paths: { pulumiState: mkdtempSync(join(tmpdir(), "records-test-")) },
}));
vi.mock("../../local/stack/project.ts", () => ({ projectName: async () => "shop" }));
afterAll(() => rmSync(paths.pulumiState, { recursive: true }));

const type = "azure-native:web:WebApp";

test.each<[string, object, boolean]>([
  ["what it has done", { resources: [{ type }] }, false],
  ["what it has begun", { pending_operations: [{ type: "updating", resource: { type } }] }, true],
  ["what has failed", { resources: [{ type, initErrors: ["the container did not start"] }] }, false],
  ["what a recovery did not come to ask about", { resources: [{ type, initErrors: [UNSURE] }] }, true],
])("of an engine's record, %s: %j is an interruption: %s", async (_, latest, interrupted) => {
  const folder = join(paths.pulumiState, ".pulumi/stacks/shop");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "dev.json"), JSON.stringify({ checkpoint: { latest } }));
  expect(await wasInterrupted("dev")).toBe(interrupted);
});
