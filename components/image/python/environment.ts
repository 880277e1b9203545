import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Contents } from "../model/contents";
import { replaceAzureML } from "./azureml";
import { type Asked, readConda } from "./conda";
import type { Findings } from "./findings";
import { readModules } from "./imports";
import { environmentFiles, MLMODEL, withoutMlflow } from "./mlflow";
import { choosePython } from "./python-version";
import { logicalLines, readPipLines, readRequirements, readText } from "./requirements";
import { readYamlMap } from "./yaml-file";

/** What a model's image needs of Python. */
export interface Environment {
  /** Version of Python, as "3.11". */
  python: string;
  /** Whether the folder says which; else it is the default. */
  pythonIsAsked: boolean;
  /** Lines of a requirements.txt; none where there is a lock. */
  requirements: string[];
  /** A file in the folder that is installed from instead, with `--require-hashes`; by its path there. */
  locked?: string;
  /** Files and folders that the lines name, by path in the folder: to be there, under these paths, where pip runs. */
  files: string[];
  /** What was replaced and left out, one sentence each. */
  notices: string[];
}

export const LOCK = "requirements.lock";
const REQUIREMENTS = "requirements.txt";
const PYTHON_ENV = "python_env.yaml";
const PYTHON_VERSION = ".python-version";
const CONDA = ["conda.yml", "conda.yaml", "conda_dependencies.yml", "environment.yml", "environment.yaml"];
/** Where it may be: https://github.com/Azure/azureml-examples/tree/main/cli/endpoints/online/model-1 has the second. */
const PLACES = ["", "environment/"];

/**
 * Reads the environment of a Python package or an MLflow model.
 * @throws Error that lists every fault, one a line, each with what to write instead
 */
export function readEnvironment({ folder, files }: Pick<Contents, "folder" | "files">): Environment {
  const findings: Findings = { faults: [], notices: [] };
  const named = environmentFile(folder);
  const lock = join(dirname(named ?? ""), LOCK);
  const locked = has(folder, lock) ? lock : undefined;
  // What a lock replaces is read for Python's version alone.
  const { file, asked } = read(folder, named, locked ? { faults: [], notices: [] } : findings, locked);
  const { python, isAsked: pythonIsAsked } = pythonOf(folder, file, asked, findings);
  if (findings.faults.length > 0) throw new Error(findings.faults.join("\n"));
  if (locked)
    return { python, pythonIsAsked, requirements: [], locked, files: [], notices: [obeyed(folder, locked)] };

  const modules = readModules(files);
  // Lines with hashes hold together: pip takes none without.
  const isHashed = asked.lines.some((line) => line.includes("--hash="));
  const lines = isHashed ? asked.lines : replaceAzureML(asked.lines, python, modules, findings);
  const requirements = has(folder, MLMODEL) ? withoutMlflow(folder, lines, modules, findings) : lines;
  return { python, pythonIsAsked, requirements, files: [...new Set(asked.files)], notices: findings.notices };
}

const has = (folder: string, file: string) => existsSync(join(folder, file));

/** The file that says the environment, and what it asks for. */
function read(folder: string, file: string | undefined, findings: Findings, locked: string | undefined) {
  if (file === undefined) {
    if (locked) return { file: locked, asked: { python: "", lines: [], files: [] } };
    throw new Error(
      `no environment: write ${REQUIREMENTS} or ${CONDA[0]} there, with the packages that the entry script imports`,
    );
  }
  if (!file.endsWith(".txt")) {
    const isPythonEnv = file === PYTHON_ENV || "python" in readYamlMap(folder, file);
    return {
      file,
      asked: isPythonEnv ? readPythonEnv(folder, file, findings) : readConda(folder, file, findings),
    };
  }
  const asked = { python: "", ...readRequirements(folder, file, findings) };
  if (logicalLines(readText(join(folder, file))).length === 0)
    findings.faults.push(
      `${file} is empty: list the packages that the entry script imports; if it needs none, azureml-defaults`,
    );
  return { file, asked };
}

function environmentFile(folder: string): string | undefined {
  if (has(folder, MLMODEL)) return environmentFiles(folder).find((file) => has(folder, file));
  const namesIn = (place: string) =>
    [...CONDA, PYTHON_ENV, REQUIREMENTS, LOCK]
      .map((name) => place + name)
      .filter((file) => has(folder, file));
  const [there = []] = PLACES.map(namesIn).filter((files) => files.length > 0);
  const found = there.filter((file) => !file.endsWith(LOCK));
  const [first = ""] = found;
  // One that installs the other is not two.
  const isIncluded =
    found.length === 2 &&
    found[1]?.endsWith(REQUIREMENTS) &&
    /(-r|--requirement)[\s=]*(\.\/)?requirements\.txt\b/.test(readText(join(folder, first)));
  if (found.length > 1 && !isIncluded)
    throw new Error(`${found.join(" and ")} each say an environment: leave one of them`);
  return found[0];
}

/** MLflow's file for virtualenv: Python's version, and lines for pip. */
function readPythonEnv(folder: string, file: string, findings: Findings): Asked {
  const { python, dependencies } = readYamlMap(folder, file);
  const lines = [dependencies ?? []].flat().filter((line) => typeof line === "string");
  return { python: python ? `==${python}` : "", ...readPipLines(folder, file, lines, findings) };
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

function obeyed(folder: string, lock: string): string {
  const unhashed = logicalLines(readText(join(folder, lock))).find(
    (line) => !line.startsWith("-") && !line.includes("--hash="),
  );
  if (unhashed !== undefined)
    throw new Error(
      `${lock}: ${unhashed} has no --hash: write it by "pip-compile --generate-hashes" or "uv pip compile --generate-hashes"`,
    );
  return `${lock} is obeyed: all packages are those that it lists, by their hashes`;
}
