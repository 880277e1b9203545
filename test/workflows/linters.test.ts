import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pythonWith } from "../scoring-app/python.ts";
import { folder, Tree } from "./tree.ts";

it("actionlint finds nothing", () => {
  // Without the linters of other languages that a machine may have: no step has a script.
  const files = Object.keys(Tree.read().texts).map((file) => join(folder, file));
  // It finds its settings by itself where there is a git repository.
  const settings = ["-config-file", join(folder, "..", "actionlint.yaml")];
  const words = ["tool", "actionlint", "-shellcheck=", "-pyflakes=", ...settings, ...files];
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "-mod=readonly" };
  const cwd = join(import.meta.dirname, "actionlint");
  expect(execFileSync("go", words, { cwd, env, encoding: "utf8" })).toBe("");
});

it("zizmor finds nothing", () => {
  const bin = join(pythonWith(["zizmor==1.32.0"]), "..");
  const words = ["--offline", "--no-progress", "--quiet", "--strict-collection", folder];
  expect(execFileSync(join(bin, "zizmor"), words, { encoding: "utf8" })).toContain("No findings to report");
});
