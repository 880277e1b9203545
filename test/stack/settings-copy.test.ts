import { mkdirSync, writeFileSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { copyConfig } from "../../local/stack/settings-copy.ts";
import { paths, repository } from "../../local/system/clone.ts";

// A repository of this file's own.
vi.mock("../../local/system/clone.ts", async (original) => {
  const { mkdtempSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const real = await original<typeof import("../../local/system/clone.ts")>();
  const repository = mkdtempSync(`${tmpdir()}/stack-`);
  return { ...real, repository, paths: { ...real.paths, stackFiles: `${repository}/.local` } };
});
mkdirSync(paths.stackFiles);
writeFileSync(join(repository, "Pulumi.yaml"), "name: azure-ml-scoring\n");
afterAll(() => rm(repository, { recursive: true }));

const location = { "azure-native:location": "westeurope" };
const baseImage = "azure-ml-scoring:baseImage";

const read = async (file: string) => parse(await readFile(file, "utf8"));
const write = (stack: string, settings: unknown) =>
  writeFile(join(repository, `Pulumi.${stack}.yaml`), stringify(settings));

test("the copy has the stack's settings, and the machine's where the stack says nothing of them", async () => {
  await write("one", { config: location });
  const copy = await copyConfig("one", { [baseImage]: "machine:1" });
  expect(copy).toBe(join(paths.stackFiles, "Pulumi.one.yaml"));
  expect(await read(copy)).toEqual({ config: { ...location, [baseImage]: "machine:1" } });
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
  await write("one", { config: { [baseImage]: "own:1" } });
  await copyConfig("one", { [baseImage]: "machine:1" });
  expect(await read(copy)).toEqual({ config: { [baseImage]: "own:1" } });
});

test("what is given for once takes the place of the stack's own, and is gone the next time", async () => {
  await write("given", { config: { ...location, model: "own" } });
  const copy = await copyConfig("given", {}, { model: "other" });
  expect(await read(copy)).toEqual({ config: { ...location, "azure-ml-scoring:model": "other" } });
  await copyConfig("given", {});
  expect(await read(copy)).toEqual({ config: { ...location, "azure-ml-scoring:model": "own" } });
});

test("the salt that the engine wrote into the copy stays, and the stack's file stays without", async () => {
  await write("two", { config: location });
  const copy = await copyConfig("two", {});
  await writeFile(copy, stringify({ encryptionsalt: "v1:local", config: { removed: 1 } }));
  await copyConfig("two", {});
  expect(await read(copy)).toEqual({ encryptionsalt: "v1:local", config: location });
  expect(await read(join(repository, "Pulumi.two.yaml"))).toEqual({ config: location });
});

test("keys of a stack on Azure do not come along", async () => {
  const azures = { encryptionsalt: "v1:azure", secretsprovider: "azurekeyvault://x", encryptedkey: "x" };
  await write("three", { ...azures, config: location });
  expect(await read(await copyConfig("three", {}))).toEqual({ config: location });
});

test.each([
  ["as a whole", { secure: "v1:abc" }],
  ["in an object", { A: "plain", B: { secure: "v1:abc" } }],
  ["in a list", [{ secure: "v1:abc" }]],
])("an encrypted value %s is refused by its key, and its text is not told", async (_, value) => {
  await write("four", { config: { ...location, "azure-ml-scoring:appSettings": value } });
  const error = await copyConfig("four", {}).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  expect(error).toContain("Pulumi.four.yaml has an encrypted value (azure-ml-scoring:appSettings)");
  expect(error).not.toContain("abc");
});

test("a key without a namespace is the project's, and takes precedence over the machine's", async () => {
  await write("five", { config: { ...location, baseImage: "own:1", planSku: "B2" } });
  const copy = await copyConfig("five", { [baseImage]: "machine:1" });
  const config = { ...location, [baseImage]: "own:1", "azure-ml-scoring:planSku": "B2" };
  expect(await read(copy)).toEqual({ config });
});

test.each([
  [
    "config:\n  planSku: B1\n  instanceCount 2\n",
    "line 3",
    "Implicit map keys need to be followed by map values",
  ],
  ["config:\n  a: 1\n  a: 2\n", "line 3", "Map keys must be unique"],
  ['config:\n  a: "b\n', "line 3", 'Missing closing "quote'],
])("a stack file that is no YAML is told with its line: %j", async (text, line, fault) => {
  await writeFile(join(repository, "Pulumi.bad.yaml"), text);
  const message = await copyConfig("bad", {}).catch((error: Error) => error.message);
  expect(message).toBe(`Pulumi.bad.yaml, ${line} is not YAML: ${fault}.`);
});

test.each([
  ["config:\n  planSku: *x\n", /^Pulumi\.bad\.yaml is not YAML: Unresolved alias[^\n]*\.$/],
  ["config:\n  tags: &a {a: *a}\n", /^Pulumi\.bad\.yaml is not YAML: [^\n]*circular[^\n]*\.$/],
])("a stack file whose aliases lead nowhere is told in one sentence: %j", async (text, sentence) => {
  await writeFile(join(repository, "Pulumi.bad.yaml"), text);
  expect(await copyConfig("bad", {}).catch((error: Error) => error.message)).toMatch(sentence);
});

test("a setting that is there with and without its namespace is refused", async () => {
  await write("twice", { config: { "azure-ml-scoring:planSku": "S1", planSku: "B1" } });
  const message = await copyConfig("twice", {}).catch((error: Error) => error.message);
  expect(message).toContain("Pulumi.twice.yaml has azure-ml-scoring:planSku twice");
});

test("a Pulumi.yaml that is no YAML is told with its line too", async () => {
  await writeFile(join(repository, "Pulumi.yaml"), "name: a\n  b: c\n");
  const message = await copyConfig("one", {}).catch((error: Error) => error.message);
  expect(message).toMatch(/^Pulumi\.yaml, line [12] is not YAML: [^\n]+\.$/);
  await writeFile(join(repository, "Pulumi.yaml"), "name: azure-ml-scoring\n");
});

test("a stack file without anything in it is one without settings", async () => {
  await writeFile(join(repository, "Pulumi.empty.yaml"), "");
  expect(await read(await copyConfig("empty", {}))).toEqual({ config: {} });
});
