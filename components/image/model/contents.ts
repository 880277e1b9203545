import { type File, filesOf, folderOf } from "./files";

/** An ONNX model, a Python package with an entry script, or an MLflow model. */
export type Kind = "onnx" | "python" | "mlflow";

/** What a model's folder is, and what is in it. */
export interface Contents {
  kind: Kind;
  /** Absolute, without links. */
  folder: string;
  files: File[];
  /** Of a Python package, from its folder. */
  entryScript?: string;
}

export const DEFAULT_MODEL = "scoring-app/model";
const DEFAULT_SCRIPT = "score.py";

/** The file by which a folder is told to be of a kind. */
const SIGNS = { onnx: "model.onnx", python: DEFAULT_SCRIPT, mlflow: "MLmodel" } satisfies Record<
  Kind,
  string
>;
const NAMES = { onnx: "an ONNX model", python: "a Python package", mlflow: "an MLflow model" };

/**
 * What a folder is, told by its contents. Where it could be two things, an entry script that is named decides.
 * @param path of the folder in the repository
 * @throws Error in one line, with the remedy, where it is none of them, or two
 */
export function contentsOf(path: string, entryScript?: string): Contents {
  const folder = folderOf(path);
  const files = filesOf(folder);
  const has = (name: string) => files.some((file) => file.path === name);
  if (entryScript !== undefined) {
    if (!has(entryScript))
      throw new Error(`has no ${entryScript}: correct entryScript, which names it, or leave entryScript out`);
    if (has(SIGNS.mlflow)) throw new Error(twoOf(["mlflow", "python"], "leave entryScript out"));
    return { kind: "python", folder, files, entryScript };
  }
  const kinds = (Object.keys(SIGNS) as Kind[]).filter((kind) => has(SIGNS[kind]));
  const [kind] = kinds;
  if (!kind) throw new Error(`holds no model: ${remedy(files)}`);
  if (kinds.length > 1) {
    const first = kinds.includes("mlflow") ? "" : `set entryScript to ${DEFAULT_SCRIPT} for the package`;
    throw new Error(twoOf(kinds, first));
  }
  return { kind, folder, files, ...(kind === "python" && { entryScript: DEFAULT_SCRIPT }) };
}

function twoOf(kinds: Kind[], first: string): string {
  const found = kinds.map((kind) => `${NAMES[kind]} (${SIGNS[kind]})`).join(" and ");
  const or = first && `${first}, or `;
  return `is both ${found}: ${or}take the files of one of them away`;
}

/** What makes a model of a folder, with what is likeliest first. */
function remedy(files: File[]): string {
  const paths = files.map(({ path }) => path);
  const below = paths.find((path) => Object.values(SIGNS).some((sign) => path.endsWith(`/${sign}`)));
  if (below) {
    const or = below.endsWith(DEFAULT_SCRIPT) ? `, or set entryScript to ${below}` : "";
    return `name the folder of ${below} in it${or}`;
  }
  const [model] = paths.filter((path) => path.endsWith(".onnx"));
  if (model) return `rename ${model} to ${SIGNS.onnx}`;
  const scripts = paths.filter((path) => path.endsWith(".py") && !path.includes("/"));
  if (scripts.length > 0) return `set entryScript to the one with init() and run(): ${scripts.join(", ")}`;
  const signs = (Object.keys(SIGNS) as Kind[]).map((kind) => `${SIGNS[kind]} (${NAMES[kind]})`);
  return `name a folder with ${signs.slice(0, -1).join(", ")} or ${signs.at(-1)}`;
}
