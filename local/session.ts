import type { Background } from "./background.ts";
import { ensureBackground } from "./background.ts";
import { cacheDirectory, paths, repository, stateDirectory } from "./clone.ts";
import { localEnvironment, withoutLocalPath } from "./environment.ts";
import { writeMachineSettings } from "./machine.ts";
import type { MachineSettings } from "./stack.ts";
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

/** Finds or makes the tool chain, starts local Azure where it does not run, and trusts its CA in this process. */
export async function openSession(report: Report): Promise<Session> {
  const toolchain = await prepareToolchain(report, {
    cacheDirectory,
    stateDirectory,
    path: withoutLocalPath(process.env).PATH ?? "",
  });
  const machineSettings = await writeMachineSettings(toolchain.baseImage);
  const environment = {
    ...process.env,
    ...(toolchain.dockerHost ? { DOCKER_HOST: toolchain.dockerHost } : {}),
  };
  const azure = await ensureBackground(
    { stateDirectory, repository, registryBinary: toolchain.registry },
    environment,
    report,
  );
  await writeCaBundle(azure.caFile);
  await trustCaBundle();
  return { toolchain, azure, environment: localEnvironment(toolchain, azure), machineSettings };
}
