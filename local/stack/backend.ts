import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readlink, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { paths } from "../system/clone.ts";
import { makeWhole, writeFileAtomically } from "../system/files.ts";
import { runEngine } from "./engine.ts";
import { projectName } from "./project.ts";
import { stackExists } from "./records.ts";

/** What the engine needs to read this clone's stacks; local Azure need not run. */
export function backendEnvironment(): Record<string, string> {
  return {
    // Without the files that say nothing but a hash: one that a killed engine leaves empty makes the stack unreadable.
    PULUMI_BACKEND_URL: `${pathToFileURL(paths.pulumiState).href}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/**
 * Makes a stack where there is none. Stacks are made and removed in `paths.stackFiles`, which has no program:
 * `pulumi stack init` and `rm` write and delete Pulumi.STACK.yaml in the folder they run in.
 */
export async function ensureStack(name: string, environment: NodeJS.ProcessEnv): Promise<void> {
  if (await stackExists(name)) return;
  await runEngine(["stack", "init", "--no-select", name], { directory: paths.stackFiles, environment });
}

/** Forgets a stack that has no resources. */
export async function removeStack(name: string, environment: NodeJS.ProcessEnv): Promise<void> {
  await runEngine(["stack", "rm", "--yes", name], { directory: paths.stackFiles, environment });
}

/** The outputs of a stack that exists. Writes nothing. */
export async function stackOutputs(name: string): Promise<Record<string, unknown>> {
  const printed = await runEngine(["stack", "output", "--json", "--show-secrets", "--stack", name], {
    directory: paths.stackFiles,
    environment: backendEnvironment(),
  });
  return JSON.parse(printed);
}

/**
 * Folders of the file backend, the passphrase of its secrets, the folder where stacks are made, and the link to the
 * engine.
 */
export async function prepareBackend(engine: string): Promise<void> {
  for (const folder of [paths.pulumiState, paths.pulumiHome, paths.stackFiles, dirname(paths.engine)]) {
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
  // Another stack's command may be starting it at this moment.
  await makeWhole(paths.engine, (made) => symlink(engine, made));
}

/** The engine that `prepareBackend` was called with last, if it is still there. */
export async function linkedEngine(): Promise<string | undefined> {
  return existsSync(paths.engine) ? readlink(paths.engine) : undefined;
}
