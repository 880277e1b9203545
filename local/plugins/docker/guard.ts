import { realpathSync } from "node:fs";
import { relative, resolve } from "node:path";
import { isLocalReference } from "../../docker/image-reference.ts";
import { isObject, type Properties, unknownValue } from "../property-values.ts";

/** What a clone keeps for itself, in the folder of its Pulumi.yaml. */
const STATE = ".local";

/**
 * Why an image is not built, as a sentence; undefined where it may be. The port of this plugin is open to every program on the
 * machine: none may have it read this user's other files, or give another image's name away.
 */
export function refusal({ imageName, build }: Properties, projectDirectory: string): string | undefined {
  if (imageName !== undefined && imageName !== unknownValue && !isLocalReference(imageName))
    return `imageName ${JSON.stringify(imageName)}: the local docker provider builds for registries of local Azure alone, localhost:PORT/…`;
  if (!isObject(build)) return undefined;
  if (build.network !== undefined)
    return "build.network is set: the local docker provider builds on Docker's own network alone";
  for (const name of ["context", "dockerfile"]) {
    const path = build[name];
    if (typeof path === "string" && !isWithin(projectDirectory, path))
      return `build.${name} "${path}" is outside of ${projectDirectory}, or holds what this clone keeps in ${STATE}: the local docker provider reads nothing there`;
  }
  return undefined;
}

/** Links count for what they lead to. What is not there is said by who reads it. */
function isWithin(folder: string, path: string): boolean {
  const found = real(resolve(folder, path));
  if (found === undefined) return true;
  const [first] = relative(real(folder) ?? folder, found).split("/");
  if (first === "") return real(resolve(folder, STATE)) === undefined;
  return first !== ".." && first !== STATE;
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
