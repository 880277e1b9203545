import { filesOf, folderOf } from "../../../../components/image/model/files.ts";
import { readEnvironment } from "../../../../components/image/python/environment.ts";
import { folderWith } from "../scratch.ts";

/** The environment of a folder, by its path from the repository's root. */
export function environmentOf(path: string) {
  const folder = folderOf(path);
  return readEnvironment({ folder, files: filesOf(folder) });
}

export const environment = (files: Record<string, string | Uint8Array>) => environmentOf(folderWith(files));

/** What stops the reading, a line each. */
export function faults(files: Record<string, string | Uint8Array>): string[] {
  try {
    environmentOf(folderWith(files));
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  return [];
}

/** A conda file with these dependencies, and lines for pip. */
export const conda = (dependencies: string[], pip: string[] = []) =>
  [
    "dependencies:",
    ...dependencies.map((each) => `  - ${JSON.stringify(each)}`),
    ...(pip.length ? ["  - pip:"] : []),
  ]
    .concat(pip.map((each) => `      - ${JSON.stringify(each)}`))
    .join("\n");
