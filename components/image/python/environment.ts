import { dirname, join } from "node:path";
import { replaceAzureML } from "./azureml";
import { type Asked, readConda } from "./conda";
import { environmentFile, has, LOCK, PYTHON_ENV, remedy } from "./environment-file";
import type { Findings } from "./findings";
import { readModules } from "./imports";
import { MLMODEL, withoutMlflow } from "./mlflow";
import { choosePython } from "./python-version";
import { type Folder, logicalLines, readPipLines, readRequirements, readText } from "./requirements";
import { readYamlMap } from "./yaml-file";

/** What a model's image needs of Python. */
export interface Environment {
  /** Version of Python, as "3.11". */
  python: string;
  /** Whether the folder says which; else it is the default. */
  pythonIsAsked: boolean;
  /** Lines for pip. */
  requirements: string[];
  /** The lock that they are of, all that is installed, each with its hashes; by its path in the folder. */
  locked?: string;
  /** Files that the lines take, by path in the folder: to be there, under these paths, where pip runs. */
  files: string[];
  /** What was replaced and left out, one sentence each. */
  notices: string[];
}

const PYTHON_VERSION = ".python-version";

/**
 * Reads the environment of a Python package or an MLflow model.
 * @throws Error that lists every fault, one a line, each with what to write instead
 */
export function readEnvironment(contents: Folder): Environment {
  const { folder } = contents;
  const findings: Findings = { faults: [], notices: [] };
  const named = environmentFile(contents);
  const lock = join(dirname(named ?? ""), LOCK);
  const locked = has(folder, lock) ? lock : undefined;
  if (!named && !locked) throw new Error(`no environment: ${remedy(contents)}`);
  // What a lock replaces is read for Python's version alone.
  const asked = read(contents, named, locked ? { faults: [], notices: [] } : findings);
  const { python, isAsked: pythonIsAsked } = pythonOf(folder, named ?? lock, asked, findings);
  if (findings.faults.length > 0) throw new Error(findings.faults.join("\n"));
  if (locked) return { python, pythonIsAsked, locked, ...readLock(contents, locked) };

  // Lines with hashes hold together: pip takes none without.
  const isHashed = asked.lines.some((line) => line.includes("--hash="));
  const requirements = isHashed ? asked.lines : withoutServers(contents, asked.lines, python, findings);
  tellOfTorch(requirements, findings);
  return { python, pythonIsAsked, requirements, files: [...new Set(asked.files)], notices: findings.notices };
}

/** Without those that the scoring app stands in for, and with what else of them is needed. */
function withoutServers({ folder, files }: Folder, asked: string[], python: string, findings: Findings) {
  const modules = readModules(files);
  const lines = replaceAzureML(asked, python, modules, findings);
  return has(folder, MLMODEL) ? withoutMlflow(folder, lines, modules, findings) : lines;
}

function tellOfTorch(lines: string[], { notices }: Findings): void {
  const isIndex = (line: string) => /^(-i|-f|--(extra-)?index-url|--find-links)\b/.test(line);
  // A version such as 2.1.0+cpu says which.
  const isAnyBuild = (line: string) => /^torch(?![\w.-])[^+@]*$/.test(line);
  if (lines.some(isAnyBuild) && !lines.some(isIndex))
    notices.push(
      "PyPI's torch brings gigabytes of CUDA, which App Service cannot use: " +
        'the line "--extra-index-url https://download.pytorch.org/whl/cpu" among pip\'s takes the build for CPUs',
    );
}

function read(contents: Folder, file: string | undefined, findings: Findings): Asked {
  const { folder } = contents;
  if (file === undefined) return { python: "", lines: [], files: [] };
  if (!file.endsWith(".txt")) {
    const isPythonEnv = file === PYTHON_ENV || "python" in readYamlMap(folder, file);
    return isPythonEnv ? readPythonEnv(contents, file, findings) : readConda(contents, file, findings);
  }
  if (logicalLines(readText(join(folder, file))).length === 0)
    findings.faults.push(
      `${file} is empty: list the packages that the entry script imports; if it needs none, azureml-defaults`,
    );
  return { python: "", ...readRequirements(contents, file, findings) };
}

/** MLflow's file for virtualenv: Python's version, and lines for pip. */
function readPythonEnv(contents: Folder, file: string, findings: Findings): Asked {
  const { python, dependencies } = readYamlMap(contents.folder, file);
  const lines = [dependencies ?? []].flat().filter((line) => typeof line === "string");
  return { python: python ? `==${python}` : "", ...readPipLines(contents, file, lines, findings) };
}

function pythonOf(folder: string, file: string, { python }: Asked, findings: Findings) {
  const isInFile = python === "" && has(folder, PYTHON_VERSION);
  const [line = ""] = isInFile ? logicalLines(readText(join(folder, PYTHON_VERSION))) : [];
  const asked = isInFile && line ? `==${line}` : python;
  try {
    if (!/^(([=<>!~]=|<|>)\d[\w.*]*,?)*$/.test(asked)) throw new Error("write a version as 3.11");
    return { python: choosePython(asked), isAsked: asked !== "" };
  } catch (error) {
    findings.faults.push(
      `${isInFile ? PYTHON_VERSION : file} asks for Python ${asked.replace(/^==/, "")}: ${(error as Error).message}`,
    );
    return { python: "", isAsked: true };
  }
}

function readLock(contents: Folder, lock: string) {
  const { faults, notices }: Findings = { faults: [], notices: [] };
  const { lines, files } = readRequirements(contents, lock, { faults, notices });
  const unhashed = lines.find((line) => !line.startsWith("-") && !line.includes("--hash="));
  if (unhashed !== undefined)
    faults.push(
      `${lock}: ${unhashed} has no --hash: write it by "pip-compile --generate-hashes" or "uv pip compile --generate-hashes"`,
    );
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const obeyed = `${lock} is obeyed: all packages are those that it lists, by their hashes`;
  return { requirements: lines, files: [...new Set(files)], notices: [obeyed, ...notices] };
}
