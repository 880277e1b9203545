import { paths } from "../system/clone.ts";
import { readJson, writeFileAtomically } from "../system/files.ts";
import { projectName } from "./project.ts";

/** Settings that a machine needs and the stack's file does not have, e.g. a base image of its own. */
export type MachineSettings = Record<string, string>;

/**
 * Remembers what this machine adds to every stack's settings.
 *
 * @param images - to build on, by the setting that names each, where the public ones cannot be reached.
 */
export async function writeMachineSettings(images: Record<string, string>): Promise<MachineSettings> {
  const project = await projectName();
  const settings = Object.entries(images).map(([name, image]) => [`${project}:${name}`, image]);
  const content = Object.fromEntries(settings) as MachineSettings;
  await writeFileAtomically(paths.machineSettings, `${JSON.stringify(content, null, 2)}\n`);
  return content;
}

/** What `writeMachineSettings` remembered; nothing before the first preparation. */
export async function readMachineSettings(): Promise<MachineSettings> {
  return (await readJson(paths.machineSettings)) ?? {};
}
