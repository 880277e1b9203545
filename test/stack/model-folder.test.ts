import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { fromRepository, modelFolder } from "../../local/stack/model-folder.ts";
import { repository } from "../../local/system/clone.ts";

// A repository of this file's own.
vi.mock("../../local/system/clone.ts", async (original) => {
  const { mkdtempSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const real = await original<typeof import("../../local/system/clone.ts")>();
  return { ...real, repository: mkdtempSync(`${tmpdir()}/model-`) };
});
const project = { name: "shop", config: { model: { default: "onnx" }, entryScript: { default: "" } } };
writeFileSync(join(repository, "Pulumi.yaml"), stringify(project));
for (const [folder, file] of [
  ["onnx", "model.onnx"],
  ["package", "score.py"],
] as const) {
  mkdirSync(join(repository, folder));
  writeFileSync(join(repository, folder, file), "");
}
afterAll(() => rm(repository, { recursive: true }));

const given = (entryScript: string) => ({ model: "onnx", entryScript, modelFolder: "" });

test.each([
  ["the default of Pulumi.yaml", {}, undefined, "onnx", false],
  ["the stack's own", { model: "package" }, undefined, "package", true],
  ["the stack's own by its long name", { "shop:model": "package" }, undefined, "package", true],
  ["what is given instead", { model: "package", entryScript: "score.py" }, given(""), "onnx", false],
  ["what is given, with an entry script", { model: "package" }, given("score.py"), "onnx", true],
  ["an ONNX model that an entry script serves", { entryScript: "score.py" }, undefined, "onnx", true],
])(
  "a stack's model is %s, and Python's images are needed or not",
  async (_, config, given, folder, python) => {
    writeFileSync(join(repository, "Pulumi.one.yaml"), stringify({ config }));
    expect(await modelFolder("one", given)).toEqual({ folder: join(repository, folder), python });
  },
);

test("a folder is named from where the command was called, and told from the repository's root", () => {
  vi.stubEnv("INIT_CWD", join(repository, "package"));
  expect([".", "../onnx", "../..", join(repository, "onnx")].map(fromRepository)).toEqual([
    "package",
    "onnx",
    "..",
    "onnx",
  ]);
  vi.unstubAllEnvs();
});
