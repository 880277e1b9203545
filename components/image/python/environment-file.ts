import { existsSync } from "node:fs";
import { join } from "node:path";
import { environmentFiles, MLMODEL } from "./mlflow";
import { type Folder, readText } from "./requirements";
import { readYamlMap } from "./yaml-file";

export const LOCK = "requirements.lock";
export const PYTHON_ENV = "python_env.yaml";
export const REQUIREMENTS = "requirements.txt";
const CONDA = ["conda.yml", "conda.yaml", "conda_dependencies.yml", "environment.yml", "environment.yaml"];
const NAMES = [...CONDA, PYTHON_ENV, REQUIREMENTS, LOCK];
/** As automated ML names its own. */
const VERSIONED_CONDA = /^conda_env_v_\d+(_\d+)*\.ya?ml$/;
/** Where it may be: https://github.com/Azure/azureml-examples/tree/main/cli/endpoints/online/model-1 has the second. */
const PLACES = ["", "environment/"];

export const has = (folder: string, file: string) => existsSync(join(folder, file));

/**
 * The file that says a model's environment, by its path in the folder; undefined where there is none, or a lock alone.
 * @throws Error in one line where there are two
 */
export function environmentFile({ folder, files }: Folder): string | undefined {
  if (has(folder, MLMODEL)) return environmentFiles(folder).find((file) => has(folder, file));
  const isOne = (name: string) => NAMES.includes(name) || VERSIONED_CONDA.test(name);
  const paths = files.map(({ path }) => path);
  const filesIn = (place: string) =>
    paths.filter((path) => path.startsWith(place) && isOne(path.slice(place.length)));
  const [there = []] = PLACES.map(filesIn).filter((found) => found.length > 0);
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

/** What to do where there is no such file. */
export function remedy({ folder, files }: Folder): string {
  const others = files.map(({ path }) => path).filter((path) => isConda(folder, path));
  if (others.length > 0 && !has(folder, MLMODEL)) return `rename ${others.join(" or ")} to ${CONDA[0]}`;
  return `write ${REQUIREMENTS} or ${CONDA[0]} there, with the packages that the entry script imports`;
}

function isConda(folder: string, path: string): boolean {
  if (!/^[^/]+\.ya?ml$/.test(path)) return false;
  try {
    return Array.isArray(readYamlMap(folder, path).dependencies);
  } catch {
    return false; // which something else reads
  }
}
