import {
  chmodSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { stagedBuild } from "../../../components/image/build.ts";
import { type Piece, stage } from "../../../components/image/context.ts";
import { contextDigest, readBuildContext } from "../../../local/plugins/docker/build-context.ts";
import { folderWith } from "./scratch.ts";

const digest = (folder: string) => contextDigest(readBuildContext(".", folder, join(folder, "Dockerfile")));
const names = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).sort();

function pieces(folder: string, ...paths: string[]): Piece[] {
  return paths.map((path) => ({ path, source: resolve(folder, path) }));
}

it("a context has these files and no others, and is the same the next time", () => {
  const [source, context] = [
    folderWith({ Dockerfile: "FROM a", "model/a/b.txt": "b", "c.txt": "c" }),
    folderWith({ stale: "" }),
  ];
  const all = [
    ...pieces(source, "Dockerfile", "model/a/b.txt", "c.txt"),
    { path: "notices.txt", text: "n\n" },
  ];
  stage(context, all);
  expect(names(context)).toEqual(["Dockerfile", "c.txt", "model", "model/a", "model/a/b.txt", "notices.txt"]);
  const [first, written] = [digest(context), statSync(join(context, "notices.txt")).ctimeMs];
  stage(context, all);
  expect(digest(context)).toBe(first);
  expect(statSync(join(context, "notices.txt")).ctimeMs).toBe(written);
  stage(context, all.slice(0, 1));
  expect(names(context)).toEqual(["Dockerfile"]);
});

it("a large model is on the disk once, and what is written into it is in the context; so is a file that takes its place", () => {
  const [source, context] = [folderWith({ "model.bin": "first" }), folderWith({})];
  const file = join(source, "model.bin");
  chmodSync(file, 0o644);
  stage(context, pieces(source, "model.bin"));
  expect(statSync(join(context, "model.bin")).ino).toBe(statSync(file).ino);
  writeFileSync(file, "second");
  stage(context, pieces(source, "model.bin"));
  expect(readFileSync(join(context, "model.bin"), "utf8")).toBe("second");
});

it("modes are git's: others may read what only its owner could; the file itself keeps its mode", () => {
  const [source, context] = [folderWith({ "a.sh": "a", "b.txt": "b" }), folderWith({})];
  chmodSync(join(source, "a.sh"), 0o700);
  chmodSync(join(source, "b.txt"), 0o600);
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  stage(context, pieces(source, "a.sh", "b.txt"));
  expect([modeOf(join(context, "a.sh")), modeOf(join(context, "b.txt"))]).toEqual([0o755, 0o644]);
  expect([modeOf(join(source, "a.sh")), modeOf(join(source, "b.txt"))]).toEqual([0o700, 0o600]);
  const copied = statSync(join(context, "b.txt"));
  stage(context, pieces(source, "b.txt"));
  expect(statSync(join(context, "b.txt")).ino).toBe(copied.ino);
  writeFileSync(join(source, "b.txt"), "c");
  utimesSync(join(source, "b.txt"), new Date(), new Date(1));
  stage(context, pieces(source, "b.txt"));
  expect(readFileSync(join(context, "b.txt"), "utf8")).toBe("c");
});

it("a file takes the place of a folder, and a folder that of a link", () => {
  const [source, context] = [folderWith({ a: "a", "b/c": "c" }), folderWith({ "a/old": "" })];
  symlinkSync("/etc", join(context, "b"));
  stage(context, pieces(source, "a", "b/c"));
  expect(names(context)).toEqual(["a", "b", "b/c"]);
});

it("an ONNX model's context holds what the app's ignore file lets through, and all of another folder", () => {
  const context = folderWith({});
  const model = folderWith({ "model.onnx": "o", "weights.data": "w", "diabetes.json": "{}" });
  expect(stagedBuild(context, { model })).toEqual({
    context,
    dockerfile: `${context}/Dockerfile`,
    args: {},
    notices: [],
  });
  const known = readBuildContext(".", "scoring-app", "scoring-app/Dockerfile").files.map(({ path }) => path);
  const app = [...known.filter((path) => !path.startsWith("model/")), "Dockerfile"];
  const staged = () => readBuildContext(".", context, `${context}/Dockerfile`).files.map(({ path }) => path);
  const own = ["model/model.onnx", "model/weights.data", "model/diabetes.json"];
  expect(staged().sort()).toEqual([...app, ...own].sort());
  stagedBuild(context, {});
  expect(staged().sort()).toEqual([...known, "Dockerfile"].sort());
});

it("a Python package's context holds its files, what pip installs; the images have its version, and what is to be said is told", () => {
  const context = folderWith({});
  const model = folderWith({
    "score.py": "",
    "requirements.txt": "numpy==1.26.4\nazureml-defaults\n",
    "weights/a.bin": "",
  });
  const { args, notices } = stagedBuild(context, {
    model,
    modelFolder: "weights",
    systemPackages: ["libgl1", "libglib2.0-0"],
    pythonImage: "registry.example/python:{version}",
  });
  expect(args).toEqual({
    PYTHON_IMAGE: expect.stringMatching(/^registry\.example\/python:3\.\d+$/),
    PYTHON_BUILD_IMAGE: expect.stringMatching(/^python:3\.\d+-bookworm$/),
    SYSTEM_PACKAGES: "libgl1 libglib2.0-0",
    ENTRY_SCRIPT: "score.py",
    MODEL_FOLDER: "weights",
  });
  const there = names(context);
  expect(there).toEqual(expect.arrayContaining(["model/weights/a.bin", "python/worker.py"]));
  expect(there.filter((path) => /node_modules|dist$|\.pyc|README|python\/Dockerfile/.test(path))).toEqual([]);
  expect(readFileSync(join(context, "packages/requirements.txt"), "utf8")).toMatch(/^numpy==1\.26\.4\n/);
  expect(notices).toEqual([expect.stringContaining("azureml-defaults is left out")]);
});

it("a lock beside the environment, in a folder of its own, is where the Dockerfile looks for it", () => {
  const lock = "six==1.16.0 --hash=sha256:4567\n";
  const model = folderWith({
    "score.py": "",
    "environment/conda.yaml": "dependencies: [six]\n",
    "environment/requirements.lock": lock,
  });
  const { context } = stagedBuild(folderWith({}), { model });
  expect(readFileSync(join(context, "packages/requirements.lock"), "utf8")).toBe(lock);
});
