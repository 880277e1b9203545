import { join } from "node:path";
import { type Piece, stage } from "./context";
import { type Contents, contentsOf, DEFAULT_MODEL } from "./model/contents";
import { type File, filesOf, folderOf } from "./model/files";
import { readEnvironment } from "./python/environment";
import { LOCK, REQUIREMENTS } from "./python/environment-file";

/** The scoring app's folder. */
export const APP = "scoring-app";
const APP_FILES = ["package.json", "package-lock.json", "rolldown.config.mjs", "prune.mjs"];
const APP_FOLDERS = ["src", "public"];
/** What `npm run local` compares the committed model's predictions with. */
const REFERENCE = "diabetes.json";

/** What the image is made of. */
export interface Given {
  model?: string;
  entryScript?: string;
  modelFolder?: string;
  systemPackages?: string[];
  pythonImage?: string;
  pythonBuildImage?: string;
}

/** A build as docker.Image takes it, but for BASE_IMAGE; and what there is to say of the environment, a sentence each. */
export interface Build {
  notices: string[];
  context: string;
  dockerfile: string;
  args: Record<string, string>;
}

/**
 * Stages the build of an image that serves a model.
 * @param context the folder to build in, of this image alone
 * @throws Error in one line, with the remedy, where the folder is no model's
 */
export function stagedBuild(context: string, given: Given): Build {
  const contents = contentsOf(given.model ?? DEFAULT_MODEL, given.entryScript);
  const model = contents.files.map(({ path, source }) => ({ path: `model/${path}`, source }));
  const { pieces, args, notices } = contents.kind === "onnx" ? onnx() : python(contents, given);
  const isReference = (path: string) =>
    contents.folder === folderOf(DEFAULT_MODEL) && path === `model/${REFERENCE}`;
  stage(context, [...appFiles(), ...pieces, ...model.filter(({ path }) => !isReference(path))]);
  return { context, dockerfile: `${context}/Dockerfile`, args, notices };
}

/** What the two Dockerfiles share. */
function appFiles(): File[] {
  return [...APP_FILES.map(appFile), ...APP_FOLDERS.flatMap(appFolder)];
}

function appFile(path: string): File {
  return { path, source: join(folderOf(APP), path) };
}

function appFolder(path: string): File[] {
  return filesOf(join(folderOf(APP), path)).map((file) => ({ ...file, path: `${path}/${file.path}` }));
}

function onnx(): Pick<Build, "args" | "notices"> & { pieces: Piece[] } {
  return { pieces: [appFile("Dockerfile")], args: {}, notices: [] };
}

function python({ kind, folder, files, entryScript }: Contents, given: Given) {
  const {
    python: version,
    pythonIsAsked,
    requirements,
    locked,
    files: taken,
    notices,
  } = readEnvironment({ folder, files });
  const { modelFolder, systemPackages = [] } = given;
  const { pythonImage = "python:{version}-slim-bookworm", pythonBuildImage = "python:{version}-bookworm" } =
    given;
  const text = (path: string, lines: string[]): Piece => ({
    path,
    text: lines.map((line) => `${line}\n`).join(""),
  });
  const pieces: Piece[] = [
    { path: "Dockerfile", source: appFile("python/Dockerfile").source },
    appFile("python/worker.py"),
    ...appFolder("python/scoring_worker"),
    text(`packages/${locked ? LOCK : REQUIREMENTS}`, requirements),
    ...files
      .filter(({ path }) => taken.includes(path))
      .map(({ path, source }) => ({ path: `packages/${path}`, source })),
  ];
  const args = {
    PYTHON_IMAGE: pythonImage.replaceAll("{version}", version),
    PYTHON_BUILD_IMAGE: pythonBuildImage.replaceAll("{version}", version),
    PYTHON_VERSION: pythonIsAsked ? version : "",
    SYSTEM_PACKAGES: systemPackages.join(" "),
    ENTRY_SCRIPT: entryScript ?? "",
    MODEL_FOLDER: modelFolder ?? "",
    MLFLOW_MODEL: kind === "mlflow" ? "/app/model" : "",
  };
  const said = Object.entries(args).filter(([, value]) => value !== "");
  return { pieces, args: Object.fromEntries(said), notices };
}
