/** `npm run docs:settings`: writes the README's table of settings from Pulumi.yaml. */
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

interface Setting {
  default: unknown;
  description: string;
}

const START = "<!-- The table is made by `npm run docs:settings` from Pulumi.yaml. -->";
const END = "<!-- End of the table. -->";

/** The provider's own setting: Pulumi.yaml cannot describe a key of another namespace. */
const LOCATION = row(
  "azure-native:location",
  "string",
  "set in the stack files",
  "Azure region to deploy to",
);

/** The table for the text of a Pulumi.yaml. */
export function settingsTable(projectFile: string): string {
  const { config }: { config: Record<string, Setting> } = parse(projectFile);
  // `pulumi new` adds the template's address under a key of the engine's.
  const own = Object.entries(config).filter(([key]) => !key.includes(":"));
  const rows = own.map(([key, setting]) =>
    row(key, typeOf(setting.default), shownDefault(setting.default), setting.description),
  );
  return ["| key | type | default | meaning |", "| --- | --- | --- | --- |", LOCATION, ...rows].join("\n");
}

/** The README's text with this table in it. */
export function withTable(readme: string, table: string): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start === -1 || end < start) throw new Error(`README.md lacks the lines "${START}" and "${END}"`);
  return `${readme.slice(0, start)}${START}\n\n${table}\n\n${readme.slice(end)}`;
}

function row(key: string, ...cells: string[]): string {
  const [first, ...rest] = [`\`${key}\``, ...cells].map((cell) => cell.replaceAll("|", "\\|"));
  return `| ${[first, ...rest].join(" | ")} |`;
}

/** As the program reads it, since Pulumi.yaml names no types. */
function typeOf(value: unknown): string {
  return typeof value === "number" ? "integer" : typeof value;
}

function shownDefault(value: unknown): string {
  return value === "" ? "empty" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

if (import.meta.main) {
  const table = settingsTable(readFileSync("Pulumi.yaml", "utf8"));
  writeFileSync("README.md", withTable(readFileSync("README.md", "utf8"), table));
}
