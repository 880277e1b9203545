import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { repository } from "../system/clone.ts";

/** Name of the Pulumi project. */
export async function projectName(): Promise<string> {
  return parse(await readFile(join(repository, "Pulumi.yaml"), "utf8")).name;
}

/** Names of the stacks that have a settings file here: Pulumi.NAME.yaml. */
export async function knownStacks(): Promise<string[]> {
  const files = await readdir(repository);
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}
