import { posix } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../../arguments/arguments";
import { readEnvironment } from "../python/environment";
import { type Contents, contentsOf } from "./contents";

export interface ModelArgs {
  /**
   * Folder with the model, by its path in the repository: an ONNX model (model.onnx), a Python package (an entry script, its
   * modules, models and environment) or an MLflow model (MLmodel).
   * @default scoring-app/model
   */
  model?: pulumi.Input<string>;
  /**
   * Python file in that folder that has init() and run().
   * @default score.py
   */
  entryScript?: pulumi.Input<string>;
  /**
   * Folder in that folder that AZUREML_MODEL_DIR names in a Python package.
   * @default the folder itself
   */
  modelFolder?: pulumi.Input<string>;
  /** Debian packages that a Python package or MLflow model needs, such as `libgl1`; none by default. */
  systemPackages?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Image that a Python package or MLflow model runs on; {version} stands for the version that its environment asks for.
   * @default python:{version}-slim-bookworm
   */
  pythonImage?: pulumi.Input<string>;
  /**
   * Image with pip and compilers that its packages are installed in; its Python is that of `pythonImage`.
   * @default python:{version}-bookworm
   */
  pythonBuildImage?: pulumi.Input<string>;
}

const pythonImage = {
  check(text: string): string {
    imageReference(text.replaceAll("{version}", "3.11"));
    return text;
  },
};

export const MODEL_CHECKS: Checks<ModelArgs> = {
  model: {
    check: (path) => path,
    against: [
      ["entryScript"],
      (path, { entryScript }) => {
        if (entryScript !== undefined && !isScript(entryScript)) return; // which is said there
        const contents = contentsOf(path, entryScript);
        if (contents.kind !== "onnx") readEnvironment(contents);
      },
    ],
  },
  entryScript: {
    check(path) {
      if (isScript(path)) return path;
      throw new Error(
        "use the path of a Python file in the model's folder, such as score.py, of letters, digits, _, - and .",
      );
    },
  },
  modelFolder: {
    check: (path) => posix.normalize(path).replace(/\/$/, ""),
    against: [["model", "entryScript"], checkModelFolder],
  },
  systemPackages: {
    check(names) {
      // apt-get takes a dash at the end for a package to remove.
      const wrong = [names].flat().find((name) => !/^[a-z0-9][a-z0-9.+-]*[a-z0-9.+]$/.test(name));
      if (wrong === undefined) return names;
      throw new Error(`${JSON.stringify(wrong)}: use names of Debian packages, such as libgl1`);
    },
    against: [["model", "entryScript"], (_, others) => forPython(contentsIfKnown(others))],
  },
  pythonImage,
  pythonBuildImage: pythonImage,
};

export function imageReference(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9._/:-]*(@sha256:[0-9a-f]{64})?$/.test(text)) return text;
  throw new Error("use an image reference such as node:26-bookworm-slim or HOST/REPOSITORY:TAG");
}

/** Below the folder, in names that a Dockerfile's variables need not quote. */
const isScript = (path: string) => /^(?!.*\.\.)[A-Za-z0-9_][\w./-]*\.py$/.test(path);

interface Given {
  model?: string;
  entryScript?: string;
}

/** Undefined where the model is wrong, which is said there. */
function contentsIfKnown({ model, entryScript }: Given): Contents | undefined {
  try {
    return model === undefined ? undefined : contentsOf(model, entryScript);
  } catch {
    return undefined;
  }
}

function forPython(contents: Contents | undefined): void {
  if (contents?.kind === "onnx")
    throw new Error("an ONNX model has no use for it: leave it out, or name the folder of another model");
}

function checkModelFolder(path: string, others: Given): void {
  const contents = contentsIfKnown(others);
  if (contents && contents.kind !== "python")
    throw new Error("it is for Python packages: leave it out, or name the folder of one");
  if (!contents || path === "." || contents.files.some((file) => file.path.startsWith(`${path}/`))) return;
  const folders = contents.files.map((file) => file.path.split("/").slice(0, -1).join("/"));
  const there = [...new Set(folders.filter(Boolean))].slice(0, 5).join(", ");
  throw new Error(
    `no file of the model's folder is in it: ${there ? `use one of ${there}` : "leave it out"}`,
  );
}
