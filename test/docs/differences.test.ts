import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { types, withDifferences } from "../../docs/differences.mts";
import type { Members } from "../../local/azure/core/members.ts";
import { APP_SETTINGS } from "../../local/azure/web/config/app-settings.ts";

const root = join(import.meta.dirname, "..", "..");
const text = readFileSync(join(root, "docs", "differences.md"), "utf8");
const rows = text
  .replaceAll("\\|", "|")
  .split("\n")
  .filter((line) => line.startsWith("| "));

/** Whether a row names the member and says why. */
const isThere = (name: string, why: string, kind: "refused" | "kept") =>
  rows.some(
    (row) =>
      new RegExp(`[\`{ .]${name.replace("[]", "\\[\\]")}[\`},]`).test(row) &&
      row.includes(`${kind}`) &&
      row.includes(why),
  );

describe("docs/differences.md", () => {
  it("is what `npm run docs:differences` makes of it", () => {
    expect(withDifferences(text)).toBe(text);
  });

  it.each(types)("has every member of a $title that is refused or kept to no effect", ({ table }) => {
    const missing = (members: Members): string[] =>
      Object.entries(members).flatMap(([name, { refused, idle, read, members: below }]) => [
        ...(refused && !isThere(name, refused, "refused") ? [name] : []),
        ...(idle && read && !isThere(name, idle, "kept") ? [name] : []),
        ...(below && !refused ? missing(below) : []),
      ]);
    expect(missing(table)).toEqual([]);
  });

  it("has every app setting that is refused", () => {
    const missing = Object.entries(APP_SETTINGS).filter(([name, { why }]) => !isThere(name, why, "refused"));
    expect(missing).toEqual([]);
  });

  it("has every refusal that the code words by itself", () => {
    const folder = join(root, "local", "azure");
    const code = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith("core/"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
    const calls = code.match(/throw notEmulated\(/g) ?? [];
    const worded = [...code.matchAll(/throw notEmulated\((?:[^;]*?)"([^"]+)",?\s*\);/g)].map(
      ([, why]) => why!,
    );
    // One more takes its reason from APP_SETTINGS.
    expect(worded).toHaveLength(calls.length - 1);
    expect(worded.filter((why) => !rows.some((row) => row.includes(`refused: ${why}`)))).toEqual([]);
  });

  it("has every code by which routes, verbs, filters and hosts refuse", () => {
    const codes = [
      "InvalidResourceType",
      "InvalidResourceNamespace",
      "MethodNotAllowed",
      "InvalidFilterInQueryString",
    ];
    expect(codes.filter((code) => !rows.some((row) => row.includes(code)))).toEqual([]);
  });
});
