import { readFileSync } from "node:fs";
import type { File } from "../model/files";

/** What one import statement of Python names: `import module`, or `from module import name`, each perhaps `as` another. */
export interface Import {
  module: string;
  name?: string;
  /** What the code calls it. */
  local: string;
}

/** A Python file: its imports, and the code without them, without comments and the insides of strings. */
export interface Module {
  imports: Import[];
  code: string;
}

// The inside of a string is passed in runs, not letter by letter: one may hold a model of megabytes, as text.
const STRINGS_AND_COMMENTS =
  /"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''|"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"|'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'|#[^\n]*/g;
const STATEMENT =
  /(?<=^|[\n;:])[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b[ \t]*(\([^)]*\)|[^\n;]*)|import[ \t]+([^\n;]*))/g;

/** Reads the statements as Python's grammar has them; what is imported by a text (importlib) is not seen. */
export function readModule(source: string): Module {
  const imports: Import[] = [];
  const code = source
    .replace(/\r\n?/g, "\n")
    .replace(STRINGS_AND_COMMENTS, (text) => (text.startsWith("#") ? "" : '""'))
    .replace(/\\\n/g, " ")
    .replace(
      STATEMENT,
      (_, from: string | undefined, names: string | undefined, modules: string | undefined) => {
        for (const item of (names ?? modules ?? "").replace(/[()]/g, "").split(",")) {
          const [name, local] = item.trim().split(/\s+as\s+/);
          if (!name) continue;
          if (from === undefined) imports.push({ module: name, local: local ?? name });
          else imports.push({ module: from, name, local: local ?? name });
        }
        return "";
      },
    );
  return { imports, code };
}

/** Folders of others' code. */
const IGNORED = /(^|\/)(\..*|__pycache__|node_modules|site-packages)(\/|$)/;

/** The Python files among those of a folder, by their paths there. */
export function readModules(files: readonly File[]): Map<string, Module> {
  const own = files.filter(({ path }) => path.endsWith(".py") && !IGNORED.test(path));
  return new Map(own.map(({ path, source }) => [path, readModule(readFileSync(source, "utf8"))]));
}

/** Whether a module is this one or inside it: "azureml.core.model" is in "azureml.core". */
export const isIn = (module: string, of: string) => module === of || module.startsWith(`${of}.`);
