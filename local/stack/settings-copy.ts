import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { paths } from "../system/clone.ts";
import { writeFileAtomically } from "../system/files.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { projectName, readProjectFile } from "./project.ts";

/** The copy of Pulumi.STACK.yaml that is given to the engine by --config-file. */
export function configFile(stack: string): string {
  return join(paths.stackFiles, `Pulumi.${stack}.yaml`);
}

/**
 * Renews the copy of a stack's settings file. The engine writes an encryption salt into the file that it is given;
 * the copy keeps that out of the repository.
 *
 * @param given - settings that take the place of the stack's own, once.
 */
export async function copyConfig(
  stack: string,
  machine: MachineSettings,
  given: Record<string, string> = {},
): Promise<string> {
  const target = configFile(stack);
  const project = await projectName();
  const kept = existsSync(target) ? (parse(await readFile(target, "utf8")) ?? {}) : {};
  const source = await readProjectFile(`Pulumi.${stack}.yaml`);
  // Secrets are this clone's own: what a `pulumi up` on Azure wrote of its keys cannot be used here.
  const { encryptionsalt, secretsprovider, encryptedkey, ...settings } = source;
  // A key without a namespace is the project's: the engine takes either, and of both at once any.
  const config = Object.entries(settings.config ?? {}).map(([key, value]): [string, unknown] => [
    key.includes(":") ? key : `${project}:${key}`,
    value,
  ]);
  const names = config.map(([key]) => key);
  const twice = names.find((key, index) => names.indexOf(key) !== index);
  if (twice) {
    throw new Error(
      `Pulumi.${stack}.yaml has ${twice} twice, with and without its namespace: leave one out, of which the engine takes any.`,
    );
  }
  const secrets = config.filter(([, value]) => /"secure":/.test(JSON.stringify(value)));
  if (secrets.length > 0) {
    throw new Error(
      `Pulumi.${stack}.yaml has an encrypted value (${secrets.map(([key]) => key).join(", ")}), which local Azure has no key for: deploy another stack here, or one with a plain value.`,
    );
  }
  const instead = Object.entries(given).map(([name, value]) => [`${project}:${name}`, value]);
  const copy = {
    ...(kept.encryptionsalt ? { encryptionsalt: kept.encryptionsalt } : {}),
    ...settings,
    config: { ...machine, ...Object.fromEntries([...config, ...instead]) },
  };
  await writeFileAtomically(target, stringify(copy));
  return target;
}
