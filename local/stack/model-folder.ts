import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { repository } from "../system/clone.ts";
import { projectName, readProjectFile } from "./project.ts";

/** Settings of a model that take the place of the stack's, once: what the stack says of its own does not hold for it. */
export interface GivenModel extends Record<string, string> {
  /** Path of its folder from the repository's root. */
  model: string;
  /** Empty where it is not given. */
  entryScript: string;
  modelFolder: string;
}

/** The model that a stack deploys. */
export interface ModelFolder {
  /** Absolute. */
  folder: string;
  /** Whether it runs in Python: an ONNX model does not, unless an entry script is named. */
  python: boolean;
}

/**
 * What a stack's settings, or those that are given, say of its model. What is wrong with it the program says.
 */
export async function modelFolder(stack: string, given: GivenModel | undefined): Promise<ModelFolder> {
  const project = await projectName();
  const { config: defaults = {} } = await readProjectFile("Pulumi.yaml");
  const { config } = (await readProjectFile(`Pulumi.${stack}.yaml`)) ?? {};
  const setting = (name: string) =>
    config?.[name] ?? config?.[`${project}:${name}`] ?? defaults[name]?.default;
  const folder = resolve(repository, String(given?.model ?? setting("model") ?? ""));
  const isScript = Boolean(given ? given.entryScript : setting("entryScript"));
  return { folder, python: isScript || !existsSync(join(folder, "model.onnx")) };
}

/** The path from the repository's root of a folder that a person named where npm was called. */
export function fromRepository(path: string): string {
  return relative(repository, resolve(process.env.INIT_CWD ?? ".", path)) || ".";
}
