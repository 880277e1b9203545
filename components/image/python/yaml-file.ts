import { join } from "node:path";
import { parseDocument } from "yaml";
import { readText } from "./requirements";

export type Yaml = string | Yaml[] | { [key: string]: Yaml } | null;

/** A map of text, lists and maps: 3.10 is no number here, and keeps its zero. */
export function readYamlMap(folder: string, file: string): { [key: string]: Yaml } {
  const document = parseDocument(readText(join(folder, file)), { schema: "failsafe" });
  const [error] = document.errors;
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    const reason = error.message.replace(/ at line [\s\S]*/, "");
    throw new Error(`${file} is no YAML (line ${line}, column ${col}: ${reason}): correct it there`);
  }
  const read: unknown = document.toJS();
  if (isMap(read)) return read;
  throw new Error(
    `${file} ${document.contents === null ? "is empty" : "has no keys"}: write "dependencies:" and a list below it`,
  );
}

export const isMap = (value: unknown): value is { [key: string]: Yaml } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
