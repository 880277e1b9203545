import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LocalWorkspace, type OutputMap, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import { paths, repository } from "./clone.ts";
import { backendEnvironment } from "./environment.ts";
import { writeFileAtomically } from "./files.ts";
import { startOf } from "./processes.ts";

/** A link to the engine in use. */
const engineLink = join(paths.engineRoot, "bin", "pulumi");

/** Settings that a machine needs and the stack's file does not have, e.g. a base image of its own. */
export type MachineSettings = Record<string, string>;

/** A resource in the engine's record of a stack. */
interface RecordedResource {
  type: string;
  /** The provider's id; components have none. */
  id?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  outputs?: Record<string, unknown>;
}

/** Name of the Pulumi project. */
export async function projectName(): Promise<string> {
  return parse(await readFile(join(repository, "Pulumi.yaml"), "utf8")).name;
}

/** Names of the stacks that have a settings file here: Pulumi.NAME.yaml. */
export async function knownStacks(): Promise<string[]> {
  const files = await readdir(repository);
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

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

/** True where the engine has a record of the stack, if only an empty one. */
export async function stackExists(name: string): Promise<boolean> {
  return existsSync(await recordOf(name));
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
 * Removes the locks that engines which are gone left in the file backend, as after a kill or a reboot; who calls this
 * holds the clone's lock. A living engine's lock stays, and the engine then says whose it is.
 */
export async function removeStaleLocks(stack: string): Promise<void> {
  const folder = join(paths.pulumiState, ".pulumi", "locks", "organization", await projectName(), stack);
  if (!existsSync(folder)) return;
  for (const file of await readdir(folder)) {
    const { pid } = JSON.parse(await readFile(join(folder, file), "utf8")) as { pid: number };
    if ((await startOf(pid)) === undefined) await rm(join(folder, file), { force: true });
  }
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

/** Names of the stacks that have resources. */
export async function deployedStacks(): Promise<string[]> {
  const folder = await recordsFolder();
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).sort();
  const resources = await Promise.all(names.map(recordedResources));
  return names.filter((_, index) => resources[index]?.length);
}

/** What a stack has, finished or not, as the engine last wrote it down; nothing where the stack does not exist. */
export async function recordedResources(name: string): Promise<RecordedResource[]> {
  const record = await recordOf(name);
  if (!existsSync(record)) return [];
  const { checkpoint } = JSON.parse(await readFile(record, "utf8"));
  return checkpoint?.latest?.resources ?? [];
}

/** Resource id of the stack's web app, which is there before the stack's first `up` has succeeded. */
export async function recordedSite(name: string): Promise<string | undefined> {
  const resources = await recordedResources(name);
  return resources.find(({ type, delete: gone }) => type === "azure-native:web:WebApp" && !gone)?.id;
}

/** Where the stack scores, as its last successful `up` has said. */
export async function recordedScoringUrl(name: string): Promise<string | undefined> {
  const resources = await recordedResources(name);
  const url = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.scoringUrl;
  return typeof url === "string" ? url : undefined;
}

/** The file backend's file of a stack, which is there as long as the stack. */
async function recordOf(name: string): Promise<string> {
  return join(await recordsFolder(), `${name}.json`);
}

async function recordsFolder(): Promise<string> {
  return join(paths.pulumiState, ".pulumi", "stacks", await projectName());
}
