import { paths } from "../system/clone.ts";
import { readJson, writeFileAtomically } from "../system/files.ts";
import { projectName } from "./project.ts";

/** Settings that a machine needs and the stack's file does not have, e.g. a base image of its own. */
export type MachineSettings = Record<string, string>;

/**
 * Remembers what this machine adds to every stack's settings.
 *
 * @param baseImage - image to build the scoring image on, where the public one cannot be reached.
 */
export async function writeMachineSettings(baseImage: string | undefined): Promise<MachineSettings> {
  const settings: MachineSettings = baseImage ? { [`${await projectName()}:baseImage`]: baseImage } : {};
  await writeFileAtomically(paths.machineSettings, `${JSON.stringify(settings, null, 2)}\n`);
  return settings;
}

/** What `writeMachineSettings` remembered; nothing before the first preparation. */
export async function readMachineSettings(): Promise<MachineSettings> {
  return (await readJson(paths.machineSettings)) ?? {};
}
