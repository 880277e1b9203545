import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalWorkspace, type OutputMap, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { paths, repository } from "../system/clone.ts";
import { writeFileAtomically } from "../system/files.ts";
import { projectName } from "./project.ts";
import { stackExists } from "./records.ts";

/** A link to the engine in use. */
const engineLink = join(paths.engineRoot, "bin", "pulumi");

/** What the engine needs to read this clone's stacks; local Azure need not run. */
export function backendEnvironment(): Record<string, string> {
  return {
    PULUMI_BACKEND_URL: pathToFileURL(paths.pulumiState).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** Opens a stack with this repository as its work folder, creating it when it is new. */
export async function openStack(name: string, environment: Record<string, string>): Promise<Stack> {
  if (!(await stackExists(name))) await Stack.create(name, await workspace(paths.stackFiles, environment));
  const here = await workspace(repository, environment);
  // Each command of the engine is told its stack: the one that a person has selected here stays selected.
  here.selectStack = async () => undefined;
  return Stack.select(name, here);
}

/** Forgets a stack that has no resources. */
export async function removeStack(name: string, environment: Record<string, string>): Promise<void> {
  const bare = await workspace(paths.stackFiles, environment);
  await bare.removeStack(name);
}

/** The outputs of a stack that exists. Writes nothing. */
export async function stackOutputs(name: string): Promise<OutputMap> {
  const bare = await workspace(paths.stackFiles, backendEnvironment());
  return bare.stackOutputs(name);
}

/**
 * Stacks are made and removed in `paths.stackFiles`, which has no program: `pulumi stack init` and `rm` write and
 * delete Pulumi.STACK.yaml in the folder they run in.
 */
async function workspace(workDir: string, envVars: Record<string, string>) {
  const pulumiCommand = await PulumiCommand.get({ root: paths.engineRoot });
  return LocalWorkspace.create({ workDir, pulumiCommand, envVars });
}

/**
 * Folders of the file backend, the passphrase of its secrets, the folder where stacks are made, and the engine as the
 * Automation API wants it: ROOT/bin/pulumi.
 */
export async function prepareBackend(engine: string): Promise<void> {
  for (const folder of [paths.pulumiState, paths.pulumiHome, paths.stackFiles, dirname(engineLink)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  if (!existsSync(paths.passphrase)) {
    await writeFileAtomically(paths.passphrase, randomBytes(24).toString("base64url"));
  }
  await writeFileAtomically(
    join(paths.stackFiles, "Pulumi.yaml"),
    stringify({
      name: await projectName(),
      runtime: "nodejs",
      description: "Where stacks are made and removed",
    }),
  );
  if ((await linkedEngine()) === engine) return;
  await rm(engineLink, { force: true });
  await symlink(engine, engineLink);
}

/** The engine that `prepareBackend` was called with last, if it is still there. */
export async function linkedEngine(): Promise<string | undefined> {
  return existsSync(engineLink) ? readlink(engineLink) : undefined;
}
