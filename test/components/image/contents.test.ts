import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { contentsOf } from "../../../components/image/model/contents.ts";
import { folderWith } from "./scratch.ts";

const kindOf = (files: Record<string, string>, script?: string) => contentsOf(folderWith(files), script).kind;

describe("a folder is told by its contents to be", () => {
  it.each([
    ["an ONNX model", "onnx", { "model.onnx": "" }],
    ["an ONNX model with an entry script in TypeScript", "onnx", { "model.onnx": "", "transform.ts": "" }],
    [
      "an ONNX model beside what trained it",
      "onnx",
      { "model.onnx": "", "train.py": "", "requirements.txt": "" },
    ],
    ["a Python package", "python", { "score.py": "", "conda.yml": "", "models/model.pkl": "" }],
    ["a Python package whose model MLflow wrote", "python", { "score.py": "", "model/MLmodel": "" }],
    ["an MLflow model", "mlflow", { MLmodel: "", "model.pkl": "", "conda.yaml": "", "requirements.txt": "" }],
  ])("%s", (_, kind, files) => {
    expect(kindOf(files as never)).toBe(kind);
  });

  it("a Python package, if its entry script is named: beside an ONNX model, too", () => {
    expect(contentsOf(folderWith({ "main.py": "" }), "main.py")).toMatchObject({
      kind: "python",
      entryScript: "main.py",
    });
    expect(kindOf({ "score.py": "", "model.onnx": "" }, "score.py")).toBe("python");
  });
});

describe("one error with its remedy for a folder that is", () => {
  it.each([
    [
      "two kinds",
      { "model.onnx": "", "score.py": "" },
      undefined,
      "is both an ONNX model (model.onnx) and a Python package (score.py): set entryScript to score.py for the package, or take the files of one of them away",
    ],
    [
      "MLflow's and another",
      { MLmodel: "", "score.py": "" },
      undefined,
      "is both a Python package (score.py) and an MLflow model (MLmodel): take the files of one of them away",
    ],
    [
      "MLflow's with an entry script",
      { MLmodel: "", "main.py": "" },
      "main.py",
      "leave entryScript out, or take",
    ],
    [
      "none",
      { "README.md": "" },
      undefined,
      "holds no model: name a folder with model.onnx (an ONNX model), score.py (a Python package) or MLmodel (an MLflow model)",
    ],
    ["an ONNX model of another name", { "ridge.onnx": "" }, undefined, "rename ridge.onnx to model.onnx"],
    [
      "above a package's script",
      { "environment/conda.yaml": "", "online/score.py": "" },
      undefined,
      "name the folder of online/score.py in it, or set entryScript to online/score.py",
    ],
    ["above a model's folder", { "a/b/MLmodel": "" }, undefined, "name the folder of a/b/MLmodel in it"],
    [
      "a package whose script is called otherwise",
      { "main.py": "", "util.py": "" },
      undefined,
      "set entryScript to the one with init() and run(): main.py, util.py",
    ],
    [
      "without the script that is named",
      { "score.py": "" },
      "main.py",
      "has no main.py: correct entryScript",
    ],
  ])("%s", (_, files, script, message) => {
    expect(() => kindOf(files as never, script)).toThrow(message);
  });

  it("missing, a file, all of the repository, or outside of it", () => {
    expect(() => contentsOf("no/such/folder")).toThrow("there is no such folder in this repository");
    expect(() => contentsOf("package.json")).toThrow("is no folder: name the folder that it is in");
    expect(() => contentsOf(".")).toThrow("is the whole repository: put the model into a folder of its own");
    for (const path of ["..", "../other", tmpdir()])
      expect(() => contentsOf(path)).toThrow("is not in this repository: put a copy of the folder there");
  });

  it("outside of the repository by a link, or has such a link in it", () => {
    const folder = folderWith({ "inside/model.onnx": "" });
    symlinkSync(tmpdir(), join(folder, "link"));
    expect(() => contentsOf(join(folder, "link"))).toThrow(
      /^is a link to \S+, not in this repository: put a copy/,
    );
    symlinkSync("/etc/hostname", join(folder, "inside", "weights"));
    symlinkSync("nothing", join(folder, "inside", "gone"));
    symlinkSync("..", join(folder, "inside", "round"));
    const outside = () => contentsOf(join(folder, "inside"));
    expect(outside).toThrow(
      "weights is a link to /etc/hostname, not in this repository: put a copy in its place",
    );
    expect(outside).toThrow("gone is a link to nothing: remove it");
  });
});

it("files are those that links inside the repository lead to, without version control, caches and environments", () => {
  const folder = folderWith({ "shared/big.bin": "b", "model/score.py": "" });
  for (const aside of [".git", "__pycache__", ".venv"]) {
    mkdirSync(join(folder, "model", aside));
    writeFileSync(join(folder, "model", aside, "x"), "");
  }
  // As python -m venv and conda make them, with links to the machine's Python.
  for (const [name, sign] of Object.entries({ env: "pyvenv.cfg", "conda-env": "conda-meta" })) {
    mkdirSync(join(folder, "model", name, sign), { recursive: true });
    symlinkSync("/usr/bin/env", join(folder, "model", name, "python3"));
  }
  symlinkSync("../shared", join(folder, "model", "weights"));
  symlinkSync("../shared/big.bin", join(folder, "model", "again.bin"));
  const real = resolve(folder, "shared/big.bin");
  expect(contentsOf(join(folder, "model")).files).toEqual([
    { path: "again.bin", source: real },
    { path: "score.py", source: resolve(folder, "model/score.py") },
    { path: "weights/big.bin", source: real },
  ]);
  symlinkSync("..", join(folder, "shared", "up"));
  expect(() => contentsOf(join(folder, "model"))).toThrow(
    "weights/up/model is a link to a folder that it is in",
  );
});
