import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { paths, repository } from "../system/clone.ts";
import { writeFileAtomically } from "../system/files.ts";
import type { MachineSettings } from "./machine-settings.ts";

/** The copy of Pulumi.STACK.yaml that is given to the engine by --config-file. */
export function configFile(stack: string): string {
  return join(paths.stackFiles, `Pulumi.${stack}.yaml`);
}

/**
 * Renews the copy of a stack's settings file. The engine writes an encryption salt into the file that it is given;
 * the copy keeps that out of the repository.
 */
export async function copyConfig(stack: string, machine: MachineSettings): Promise<string> {
  const target = configFile(stack);
  const kept = existsSync(target) ? (parse(await readFile(target, "utf8")) ?? {}) : {};
  const source = parse(await readFile(join(repository, `Pulumi.${stack}.yaml`), "utf8")) ?? {};
  // Secrets are this clone's own: what a `pulumi up` on Azure wrote of its keys cannot be used here.
  const { encryptionsalt, secretsprovider, encryptedkey, ...settings } = source;
  const secrets = Object.entries(settings.config ?? {}).filter(([, value]) =>
    /"secure":/.test(JSON.stringify(value)),
  );
  if (secrets.length > 0) {
    throw new Error(
      `Pulumi.${stack}.yaml has an encrypted value (${secrets.map(([key]) => key).join(", ")}), which local Azure has no key for: deploy another stack here, or one with a plain value.`,
    );
  }
  const copy = {
    ...(kept.encryptionsalt ? { encryptionsalt: kept.encryptionsalt } : {}),
    ...settings,
    config: { ...machine, ...settings.config },
  };
  await writeFileAtomically(target, stringify(copy));
  return target;
}
