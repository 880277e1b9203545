import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "../arm-client/arm-client.ts";
import { trustCaBundle, writeCaBundle } from "../net/trust.ts";
import { type Background, currentBackground, ensureBackground } from "../process/background.ts";
import { defaultDockerHost, namedHost } from "../setup/docker-host.ts";
import { prepareToolchain } from "../setup/prepare.ts";
import { linkedEngine, prepareBackend } from "../stack/backend.ts";
import {
  type MachineSettings,
  readMachineSettings,
  writeMachineSettings,
} from "../stack/machine-settings.ts";
import { chosenPlugins, ensurePublished, publishedAreReady } from "../stack/plugins.ts";
import { cacheDirectory, paths, repository, stateDirectory } from "../system/clone.ts";
import type { Report } from "../system/report.ts";
import { untilUnused } from "./at-work.ts";
import { localEnvironment, withoutLocalPath } from "./environment.ts";

/** Everything that a command needs to reach local Azure and the engine. */
export interface Session {
  azure: Background;
  /** Variables for the engine, and what `env` prints. */
  environment: NodeJS.ProcessEnv;
  machineSettings: MachineSettings;
}

// A passphrase of the person's own would be tried before the clone's, which PULUMI_CONFIG_PASSPHRASE_FILE names.
delete process.env.PULUMI_CONFIG_PASSPHRASE;
// A stack's name in the shell is for plain `pulumi`: the commands here have --stack.
delete process.env.PULUMI_STACK;
// Even `pulumi version` writes to the engine's home folder, which is not to be the person's.
process.env.PULUMI_HOME = paths.pulumiHome;

/**
 * Finds or makes the tool chain, starts local Azure where it does not run, and trusts its CA in this process. Who calls
 * this holds the clone's lock.
 *
 * @param python - whether a model is to be deployed that runs in Python.
 */
export async function openSession(report: Report, python = false): Promise<Session> {
  const path = withoutLocalPath(process.env).PATH ?? "";
  const toolchain = await prepareToolchain(report, { cacheDirectory, stateDirectory, path, python });
  const { engine, dockerHost, registry, images } = toolchain;
  await prepareBackend(engine);
  if ((await chosenPlugins()) === "published") await ensurePublished(report);
  const machineSettings = await writeMachineSettings({ ...images });
  const options = {
    stateDirectory,
    repository,
    registryBinary: registry,
    dockerHost: dockerHost ?? (process.env.DOCKER_HOST || defaultDockerHost),
  };
  const azure = await ensureBackground(options, report, () => untilUnused(report));
  await writeCaBundle(azure.caFile);
  return session(engine, dockerHost, azure, machineSettings);
}

/**
 * The same without the lock, since nothing is written, built or started; undefined where something has to be. The
 * tool chain is the one that the last `openSession` found, so that neither Docker nor the registry is asked for.
 */
export async function joinSession(python = false): Promise<Session | undefined> {
  const azure = await currentBackground();
  const engine = await linkedEngine();
  if (!azure || !engine || !existsSync(paths.caBundle)) return undefined;
  if ((await chosenPlugins()) === "published" && !(await publishedAreReady())) return undefined;
  const { dockerHost } = azure.options;
  const chosen = (await namedHost())?.host;
  if (chosen !== undefined && chosen !== dockerHost) return undefined;
  const named = dockerHost === defaultDockerHost ? undefined : dockerHost;
  const machineSettings = await readMachineSettings();
  // Where the base image had to be made, Python's have to be, too.
  const images = Object.keys(machineSettings);
  const lacksPython = images.length > 0 && !images.some((name) => name.endsWith(":pythonImage"));
  if (python && lacksPython) return undefined;
  return session(engine, named, azure, machineSettings);
}

/** A client of local Azure's resource manager, as any other. */
export async function armClient({ azure }: Session) {
  const ca = await readFile(azure.caFile, "utf8");
  const { arm, identity } = connect({ ...azure, ca, userAgent: "azure-ml-scoring" });
  return { arm, token: () => identity.token(azure.resourceManager) };
}

async function session(
  engine: string,
  dockerHost: string | undefined,
  azure: Background,
  machineSettings: MachineSettings,
): Promise<Session> {
  await trustCaBundle();
  const environment = localEnvironment(engine, dockerHost, azure, await chosenPlugins());
  return { azure, environment, machineSettings };
}
