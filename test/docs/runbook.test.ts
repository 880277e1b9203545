import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const text = readFileSync("docs/runbook.md", "utf8");
const entries = text
  .split(/^## /m)
  .slice(1)
  .map((entry): [string, string] => [entry.split("\n")[0]!, entry]);

describe("docs/runbook.md", () => {
  it("has two pages at most, and what was asked for", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(100);
    expect(text.length).toBeLessThanOrEqual(7000);
    const wanted = [/ready/, /pulled/, /Predictions/, /Roll back/, /password/, /More is asked/, /stuck/];
    for (const pattern of wanted) expect(entries.some(([title]) => pattern.test(title))).toBe(true);
  });

  it.each(entries)("%s: sign, cause, command, and a test that is there", (_, entry) => {
    const fields = [...entry.matchAll(/^- (\w+): /gm)].map(([, name]) => name);
    expect([...new Set(fields)]).toEqual(["Sign", "Cause", "Command", "Test"]);
    expect(entry).toMatch(/^- Command: [\s\S]*?`[a-z]+ [^`]+`/m);
    const tests = [...entry.matchAll(/^- Test: (.*)$/gm)].map(([, test]) => test!);
    for (const test of tests) {
      const [, file = "", title = ""] = /^`(.+)`, "(.+)"$/.exec(test) ?? [];
      // The title, or its beginning.
      expect(readFileSync(file, "utf8"), test).toMatch(
        new RegExp(`^(test|it)(\\.for\\(.+\\))?\\("${title}`, "m"),
      );
    }
  });
});
