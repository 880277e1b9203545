import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { lendStack, takeBackStack } from "../../local/stack/lent-state.ts";
import { paths } from "../../local/system/clone.ts";

vi.mock("../../local/system/clone.ts", () => ({
  paths: { pulumiState: mkdtempSync(join(tmpdir(), "lent-state-test-")) },
}));
vi.mock("../../local/stack/project.ts", () => ({ projectName: async () => "shop" }));

const stacks = ".pulumi/stacks/shop";
const record = (name: string, root = paths.pulumiState) => join(root, stacks, `${name}.json`);
const state = (...types: string[]) =>
  JSON.stringify({ checkpoint: { latest: { resources: types.map((type) => ({ type })) } } });
let lent: string;

beforeEach(async () => {
  mkdirSync(join(paths.pulumiState, stacks), { recursive: true });
  writeFileSync(join(paths.pulumiState, ".pulumi/meta.yaml"), "version: 1\n");
  writeFileSync(record("dev"), state("secret"));
  writeFileSync(record("against"), state());
  lent = mkdtempSync(join(tmpdir(), "lent-"));
  await lendStack("against", lent);
});
afterEach(() => rmSync(lent, { recursive: true }));
afterAll(() => rmSync(paths.pulumiState, { recursive: true }));

test("the stack is lent, and no other", () => {
  expect(readFileSync(record("against", lent), "utf8")).toBe(state());
  expect(readFileSync(join(lent, ".pulumi/meta.yaml"), "utf8")).toBe("version: 1\n");
  expect(() => readFileSync(record("dev", lent))).toThrow("ENOENT");
});

test("what the engine has made of it is taken back", async () => {
  writeFileSync(record("against", lent), state("a", "b"));
  await takeBackStack("against", lent);
  expect(readFileSync(record("against"), "utf8")).toBe(state("a", "b"));
});

test("a stack that it has removed, or never began with, is left as it is", async () => {
  rmSync(record("against", lent));
  await takeBackStack("against", lent);
  expect(readFileSync(record("against"), "utf8")).toBe(state());
});

test.each<[string, () => void]>([
  ["a link", () => symlinkSync(record("dev"), record("against", lent))],
  ["a folder", () => mkdirSync(record("against", lent))],
  ["no JSON", () => writeFileSync(record("against", lent), "{")],
  ["no record", () => writeFileSync(record("against", lent), '{"checkpoint":{"latest":{"resources":[{}]}}}')],
  ["no list", () => writeFileSync(record("against", lent), '{"checkpoint":{"latest":{"resources":{}}}}')],
  [
    "a file by a linked folder",
    () => {
      const folder = dirname(record("against", lent));
      rmSync(folder, { recursive: true });
      symlinkSync(dirname(record("against")), folder);
      writeFileSync(record("against"), state("not", "its", "own"));
    },
  ],
])("%s in its place is not taken", async (_, replace) => {
  rmSync(record("against", lent));
  replace();
  const before = readFileSync(record("against"), "utf8");
  await expect(takeBackStack("against", lent)).rejects.toThrow(
    `What stack against has is not known: the commit's program has replaced the engine's record of it. Delete its resource group (az group delete), then ${lent}.`,
  );
  expect(readFileSync(record("against"), "utf8")).toBe(before);
});
