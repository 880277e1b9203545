import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";

/** A file of a folder, by its slash path there, and where it really is. */
export interface File {
  path: string;
  source: string;
}

/** What is beside a model and no part of it: version control, caches, environments. */
const ASIDE = new Set([
  ...[".git", ".venv", "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache"],
  ".DS_Store",
]);

/** Whether a folder is one of Python's virtual environments, or conda's, whatever its name. */
const isEnvironment = (path: string) =>
  ["pyvenv.cfg", "conda-meta"].some((sign) => existsSync(join(path, sign)));

/** The folder that Pulumi runs the program in: that of Pulumi.yaml. */
const repository = () => realpathSync(process.cwd());

const isInside = (folder: string, path: string) => `${path}${sep}`.startsWith(`${folder}${sep}`);

/**
 * The real path of a folder of this repository.
 * @param path from the repository's root
 * @throws Error that says what to name instead
 */
export function folderOf(path: string): string {
  const root = repository();
  const named = resolve(root, path);
  if (!isInside(root, named)) throw new Error(`is not in this repository: ${COPY}`);
  if (!existsSync(named))
    throw new Error("there is no such folder in this repository: write its path from the one of Pulumi.yaml");
  const folder = realpathSync(named);
  if (!isInside(root, folder)) throw new Error(`is a link to ${folder}, not in this repository: ${COPY}`);
  if (!statSync(folder).isDirectory()) throw new Error("is no folder: name the folder that it is in");
  if (folder === root) throw new Error("is the whole repository: put the model into a folder of its own");
  return folder;
}
const COPY = "put a copy of the folder there, and name that";

/**
 * Files of a folder, in order of their paths; links are followed inside the repository.
 * @throws Error naming every link that leads elsewhere
 */
export function filesOf(folder: string): File[] {
  const root = repository();
  const files: File[] = [];
  const faults: string[] = [];
  const visit = (real: string, path: string, above: string[]) => {
    for (const name of readdirSync(real).sort()) {
      if (ASIDE.has(name) || name.endsWith(".pyc")) continue;
      const [at, below] = [join(real, name), path ? `${path}/${name}` : name];
      const isLink = lstatSync(at).isSymbolicLink();
      if (isLink && !existsSync(at)) {
        faults.push(`${below} is a link to nothing: remove it`);
        continue;
      }
      const source = isLink ? realpathSync(at) : at;
      if (!isInside(root, source))
        faults.push(`${below} is a link to ${source}, not in this repository: put a copy in its place`);
      else if ([...above, real].includes(source))
        faults.push(`${below} is a link to a folder that it is in: remove it`);
      else if (isEnvironment(source)) continue;
      else if (statSync(source).isDirectory()) visit(source, below, [...above, real]);
      else if (statSync(source).isFile()) files.push({ path: below, source });
    }
  };
  visit(folder, "", []);
  if (faults.length > 0) throw new Error(faults.join("; "));
  return files;
}

/** A path as people write it, from the repository's root. */
export function shown(folder: string): string {
  return relative(repository(), folder) || ".";
}
