import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { settingsTable, withTable } from "../../docs/settings-table.mts";

const read = (file: string) => readFileSync(file, "utf8");

it("README.md has the settings of Pulumi.yaml", () => {
  const written = withTable(read("README.md"), settingsTable(read("Pulumi.yaml")));
  expect(read("README.md"), "the README's table is stale: run `npm run docs:settings`").toBe(written);
});

it("the table has a row for the location and for each setting, with type, default and description", () => {
  const project = `
name: shop
config:
  sku: { default: B1, description: "A | B" }
  name: { default: "", description: Name }
  count: { default: 2, description: Count }
  tags: { default: {}, description: Tags }
  "pulumi:tags": { value: { "pulumi:template": https://example.org/template } }
`;
  expect(settingsTable(project).split("\n").slice(2)).toEqual([
    expect.stringMatching(/^\| `azure-native:location` \| string \|/),
    "| `sku` | string | `B1` | A \\| B |",
    "| `name` | string | empty | Name |",
    "| `count` | integer | `2` | Count |",
    "| `tags` | object | `{}` | Tags |",
  ]);
});

it("a README without the place for the table is refused", () => {
  expect(() => withTable("# Title", "table")).toThrow("README.md lacks the lines");
});
