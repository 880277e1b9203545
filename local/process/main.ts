/** The background process: local Azure and the stand-ins of Pulumi plugins that are its clients. Started by background.ts. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Dockerode from "dockerode";
import { providers } from "../azure/providers.ts";
import { startAzure } from "../azure/server.ts";
import { PortTakenError } from "../net/loopback.ts";
import { PortBook } from "../net/ports.ts";
import { buildProxies, useEnvironmentProxy } from "../net/proxy.mjs";
import { servePlugins } from "../plugins/serve.ts";
import type { BackgroundOptions, Ready } from "./background.ts";
import type { Told } from "./launch.ts";

/** The only subscription and its tenant. */
const subscriptionId = "11111111-1111-4111-8111-111111111111";
const tenantId = "22222222-2222-4222-8222-222222222222";

useEnvironmentProxy();
const options = JSON.parse(process.argv[2] ?? "") as BackgroundOptions;
const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
const docker = new Dockerode();
const ports = new PortBook(join(options.stateDirectory, "ports.json"));
const directory = join(options.stateDirectory, "azure");

/** What has been opened, to be closed in the opposite order. */
const opened: { close(): Promise<void> }[] = [];

async function start(): Promise<Ready> {
  const azure = await startAzure({
    directory,
    ports,
    docker,
    registryBinary: options.registryBinary,
    subscriptionId,
    tenantId,
    clone: options.stateDirectory,
    providers,
    log,
  });
  opened.push(azure);
  const plugins = await servePlugins({
    azure: { ...azure.access, ca: await readFile(azure.access.caFile, "utf8") },
    docker,
    projectDirectory: options.repository,
    buildProxies: buildProxies(process.env),
    guarded: true,
    // Kept, so that a shell that has evaluated `env` survives a restart of this process.
    ports: {
      "azure-native": await ports.get("provider/azure-native"),
      docker: await ports.get("provider/docker"),
      random: await ports.get("provider/random"),
    },
    log,
  });
  opened.push(plugins);
  return { ...azure.access, debugProviders: plugins.debugProviders };
}

/** Closes what has been opened, one part whatever became of the other; false when that went wrong. */
async function close(): Promise<boolean> {
  let inOrder = true;
  for (const part of opened.toReversed()) {
    try {
      await part.close();
    } catch (error) {
      inOrder = false;
      log(`Not stopped in order: ${(error as Error).stack}`);
    }
  }
  if (inOrder) log("Stopped.");
  return inOrder;
}

/** Tells the process that launched this one, if it still listens. */
function tell(message: Told<Ready>): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
}

try {
  const ready = await start();
  log(`Ready at ${ready.resourceManager}.`);
  await tell({ ready });
} catch (error) {
  const { message, stack } = error as Error;
  log(`Not started: ${stack}`);
  await close();
  await tell({ failed: error instanceof PortTakenError ? message : `Local Azure did not start: ${message}` });
  process.exit(1);
}

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    log(`${signal}: stopping.`);
    process.exit((await close()) ? 0 : 1);
  });
}
