import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { readText } from "./requirements";

export type Yaml = string | Yaml[] | { [key: string]: Yaml } | null;

/**
 * A map of text, lists and maps: 3.10 is no number here, and keeps its zero.
 * @param remedy what to write where it is no map
 */
export function readYamlMap(
  folder: string,
  file: string,
  remedy = 'write "dependencies:" and a list below it',
): { [key: string]: Yaml } {
  const document = parseDocument(readText(join(folder, file)), { schema: "failsafe" });
  const [error] = document.errors;
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    const reason = error.message.replace(/ at line [\s\S]*/, "");
    throw new Error(`${file} is no YAML (line ${line}, column ${col}: ${reason}): correct it there`);
  }
  const read = resolved(document, file);
  if (isMap(read)) return read;
  throw new Error(`${file} ${document.contents === null ? "is empty" : "has no keys"}: ${remedy}`);
}

/** With its aliases in their places: one may be of nothing, of what it stands in, or of far too much. */
function resolved(document: Document, file: string): unknown {
  try {
    const read: unknown = document.toJS();
    JSON.stringify(read);
    return read;
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw new Error(`${file} is no YAML that can be read (${reason}): write its aliases (*NAME) out`);
  }
}

export const isMap = (value: unknown): value is { [key: string]: Yaml } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
