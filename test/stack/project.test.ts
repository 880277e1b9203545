import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { knownStacks, stackProblem } from "../../local/stack/project.ts";
import { repository } from "../../local/system/clone.ts";

// A repository of this file's own.
vi.mock("../../local/system/clone.ts", async (original) => {
  const { mkdtempSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const real = await original<typeof import("../../local/system/clone.ts")>();
  return { ...real, repository: mkdtempSync(`${tmpdir()}/project-`) };
});
afterAll(() => rm(repository, { recursive: true }));

const write = (file: string) => writeFile(join(repository, file), "");

test("a stack without a settings file is told which to write, and which stacks there are", async () => {
  expect(await stackProblem("dev")).toBe("There is no stack 'dev' here. Write Pulumi.dev.yaml to add one.");
  await write("Pulumi.a.yaml");
  expect(await stackProblem("dev")).toBe(
    "There is no stack 'dev' here: a has a settings file. Write Pulumi.dev.yaml to add one.",
  );
  expect(await stackProblem("a")).toBeUndefined();
});

test("the stacks are those with a settings file, not the project's own", async () => {
  await write("Pulumi.yaml");
  await write("Pulumi.b.c.yaml");
  expect(await knownStacks()).toEqual(["a", "b.c"]);
});

test.each(["bad name", "dév", "", "a/b", "organization/azure-ml-scoring/dev", "a".repeat(101)])(
  "the name '%s', which Pulumi refuses, is refused in one sentence",
  async (name) => {
    expect(await stackProblem(name)).toBe(
      `Pulumi takes no stack named '${name}': a name has 1 to 100 letters, digits, hyphens, underscores and periods.`,
    );
  },
);

test("a settings file of such a name is to be renamed, and counts as no stack", async () => {
  await write("Pulumi.bad name.yaml");
  expect(await stackProblem("bad name")).toMatch(/ Rename Pulumi\.bad name\.yaml\.$/);
  expect(await knownStacks()).not.toContain("bad name");
});

test("the longest name that Pulumi takes is taken", async () => {
  const name = "a_B-9.".padEnd(100, "z");
  await write(`Pulumi.${name}.yaml`);
  expect(await stackProblem(name)).toBeUndefined();
});

test("a stack of a person's cannot have the name of one that a commit is deployed in", async () => {
  await write("Pulumi.a-against.yaml");
  expect(await stackProblem("a-against")).toMatch(/rename Pulumi\.a-against\.yaml\.$/);
});
