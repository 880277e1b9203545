import { existsSync } from "node:fs";
import {
  type Background,
  type BackgroundOptions,
  currentBackground,
  ensureBackground,
  runningBackground,
} from "./background.ts";
import { cacheDirectory, paths, repository, stateDirectory } from "./clone.ts";
import { localEnvironment, withoutLocalPath } from "./environment.ts";
import { readMachineSettings, writeMachineSettings } from "./machine.ts";
import { isPrepared, type MachineSettings, prepareBackend } from "./stack.ts";
import { defaultDockerHost } from "./toolchain/docker.ts";
import { prepareToolchain, type Toolchain } from "./toolchain/prepare.ts";
import type { Report } from "./toolchain/report.ts";
import { trustCaBundle, writeCaBundle } from "./trust.ts";

/** Everything that a command needs to reach local Azure and the engine. */
export interface Session {
  toolchain: Toolchain;
  azure: Background;
  /** Variables for the engine, and what `env` prints. */
  environment: Record<string, string>;
  machineSettings: MachineSettings;
}

// A passphrase of the person's own would be tried before the clone's, which PULUMI_CONFIG_PASSPHRASE_FILE names; and
// even `pulumi version` writes to the engine's home folder, which is not to be the person's.
delete process.env.PULUMI_CONFIG_PASSPHRASE;
process.env.PULUMI_HOME = paths.pulumiHome;

/**
 * Finds or makes the tool chain, starts local Azure where it does not run, and trusts its CA in this process. Who calls
 * this holds the clone's lock.
 */
export async function openSession(report: Report): Promise<Session> {
  const toolchain = await findToolchain(report);
  await prepareBackend(toolchain.engine);
  const machineSettings = await writeMachineSettings(toolchain.baseImage);
  const azure = await ensureBackground(backgroundOptions(toolchain), report);
  await writeCaBundle(azure.caFile);
  return session(toolchain, azure, machineSettings);
}

/** The same without the lock, since nothing is written; undefined where something has to be prepared or started. */
export async function joinSession(report: Report): Promise<Session | undefined> {
  if (!(await runningBackground()) || !existsSync(paths.caBundle)) return undefined;
  const toolchain = await findToolchain(report);
  const azure = await currentBackground(backgroundOptions(toolchain));
  if (!azure || !(await isPrepared(toolchain.engine))) return undefined;
  return session(toolchain, azure, await readMachineSettings());
}

function findToolchain(report: Report): Promise<Toolchain> {
  const path = withoutLocalPath(process.env).PATH ?? "";
  return prepareToolchain(report, { cacheDirectory, stateDirectory, path });
}

function backgroundOptions({ dockerHost, registry }: Toolchain): BackgroundOptions {
  return {
    stateDirectory,
    repository,
    registryBinary: registry,
    dockerHost: dockerHost ?? (process.env.DOCKER_HOST || defaultDockerHost),
  };
}

async function session(
  toolchain: Toolchain,
  azure: Background,
  machineSettings: MachineSettings,
): Promise<Session> {
  await trustCaBundle();
  return { toolchain, azure, environment: localEnvironment(toolchain, azure), machineSettings };
}
