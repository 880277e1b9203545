import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { repository } from "../system/clone.ts";
import { projectName, readProjectFile } from "./project.ts";

/** The model that a stack deploys. */
export interface ModelFolder {
  /** Absolute. */
  folder: string;
  /** Whether it runs in Python: an ONNX model does not, unless an entry script is named. */
  python: boolean;
}

/**
 * What a stack's settings say of its model. What is wrong with it the program says.
 *
 * @param given - takes the setting's place: a path from the repository's root.
 */
export async function modelFolder(stack: string, given: string | undefined): Promise<ModelFolder> {
  const project = await projectName();
  const { config: defaults = {} } = await readProjectFile("Pulumi.yaml");
  const { config } = (await readProjectFile(`Pulumi.${stack}.yaml`)) ?? {};
  const setting = (name: string) =>
    config?.[name] ?? config?.[`${project}:${name}`] ?? defaults[name]?.default;
  const folder = resolve(repository, String(given ?? setting("model") ?? ""));
  const isScript = given === undefined && Boolean(setting("entryScript"));
  return { folder, python: isScript || !existsSync(join(folder, "model.onnx")) };
}

/** The path from the repository's root of a folder that a person named where npm was called. */
export function fromRepository(path: string): string {
  return relative(repository, resolve(process.env.INIT_CWD ?? ".", path)) || ".";
}
