import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BREAKS } from "./breaks.ts";
import { RULES, TESTED } from "./rules.ts";
import { folder, Tree } from "./tree.ts";

const tree = Tree.read();

describe("the workflows keep the rule:", () => {
  it.each(Object.entries(RULES))("%s", (_, check) => check(tree));
});

describe("a workflow that breaks a rule is found:", () => {
  it.each(BREAKS)("%s (%s: %j)", (rule, file, place, other) => {
    expect(() => RULES[rule]!(tree.with(file, place, other))).toThrow(/expected/);
  });

  it("for every rule", () => {
    expect([...new Set(BREAKS.map(([rule]) => rule))]).toEqual(Object.keys(RULES));
  });
});

it.each(Object.entries(TESTED))("npm run %s has its test", (_, { file, title }) => {
  expect(readFileSync(join(folder, "..", "..", file), "utf8")).toMatch(
    new RegExp(`^(test|it)\\("${title}`, "m"),
  );
});
