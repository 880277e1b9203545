import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isEnvironment } from "../model/files";

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

const STRINGS_AND_COMMENTS =
  /("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*\1|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|#[^\n]*/g;
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

const IGNORED = /^(\..*|__pycache__|node_modules|site-packages)$/;

/** The folder's Python files, those in folders below and behind links too, by path in the folder. */
export function readModules(folder: string, under = ""): Map<string, Module> {
  const names = readdirSync(join(folder, under))
    .filter((name) => !IGNORED.test(name) && !isEnvironment(join(folder, under, name)))
    .sort();
  return new Map(
    names.flatMap((name): [string, Module][] => {
      const path = join(under, name);
      const entry = statSync(join(folder, path), { throwIfNoEntry: false });
      if (entry?.isDirectory()) return [...readModules(folder, path)];
      const isPython = entry?.isFile() && name.endsWith(".py");
      return isPython ? [[path, readModule(readFileSync(join(folder, path), "utf8"))]] : [];
    }),
  );
}

/** Whether a module is this one or inside it: "azureml.core.model" is in "azureml.core". */
export const isIn = (module: string, of: string) => module === of || module.startsWith(`${of}.`);
