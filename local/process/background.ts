import { createHash } from "node:crypto";
import { glob, mkdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { AzureAccess } from "../azure/server.ts";
import { buildProxies } from "../net/proxy.mjs";
import { cleanedUp } from "../system/clean-up.mjs";
import { paths, repository, stateDirectory } from "../system/clone.ts";
import { writeFileAtomically } from "../system/files.ts";
import { type Belongs, endProcess, processesWith, readLiving, startOf } from "../system/processes.ts";
import type { Report } from "../system/report.ts";
import { launch } from "./launch.ts";

/** What the background process tells when it is ready. */
export interface Ready extends AzureAccess {
  /** Value for PULUMI_DEBUG_PROVIDERS. */
  debugProviders: string;
}

/** The background process as it is remembered. */
export interface Background extends Ready {
  pid: number;
  /** See `startOf`. */
  started: string;
  /** Hash of the code that it runs. */
  code: string;
  options: BackgroundOptions;
  /** What images are built with; it may hold a password, so that no argument tells it. See `buildProxies`. */
  proxies: Record<string, string>;
}

const script = join(repository, "local", "process", "main.ts");

/** Seconds that it may take to be ready: a few, and 30 until a registry's process that does not come up ends the start. */
const patience = 120;

/** What a starting background process is told, as its only argument. */
export interface BackgroundOptions {
  stateDirectory: string;
  repository: string;
  registryBinary: string;
  /** Value for DOCKER_HOST. */
  dockerHost: string;
}

/** The background process that runs, if one does. */
export function runningBackground(): Promise<Background | undefined> {
  return readLiving(paths.background);
}

/** The background process, if one runs the code of this clone, and with these options where any are given. */
export async function currentBackground(options?: BackgroundOptions): Promise<Background | undefined> {
  const running = await runningBackground();
  return running && (await reasonToRestart(running, options)) ? undefined : running;
}

/**
 * The background process: the one that runs, or a new one where there is none or where it runs older code or with
 * other options. What was deployed comes back with it.
 *
 * @param untilUnused - is awaited before one that runs is ended.
 * @throws Error that says why it does not start.
 */
export async function ensureBackground(
  options: BackgroundOptions,
  report: Report,
  untilUnused: () => Promise<void>,
): Promise<Background> {
  const running = await runningBackground();
  const why = running && (await reasonToRestart(running, options));
  if (running && !why) return running;
  if (why) {
    await untilUnused();
    report(`Local Azure ${why}: restarting it.`);
    await stopBackground();
  }
  await endForgotten();
  const since = Date.now();
  report("Starting local Azure.");
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const background = await launchBackground(options);
  await writeFileAtomically(paths.background, JSON.stringify(background, null, 2));
  report(`Local Azure is at ${background.resourceManager} (${((Date.now() - since) / 1000).toFixed(1)} s).`);
  return background;
}

/** Why a background process will not do: for its code, and where options are given, for them and this environment. */
async function reasonToRestart(
  running: Background,
  options: BackgroundOptions | undefined,
): Promise<string | undefined> {
  if (running.code !== (await codeHash())) return "runs older code";
  if (!options) return undefined;
  if (!isDeepStrictEqual(running.options, options)) return "uses another Docker daemon or registry program";
  // It outlives the shell that started it: images are built with the proxy of the shell that asks for them.
  if (!isDeepStrictEqual(running.proxies, buildProxies(process.env))) return "builds with another proxy";
  return undefined;
}

async function launchBackground(options: BackgroundOptions): Promise<Background> {
  const code = await codeHash();
  try {
    const launched = await launch<Ready>({
      script,
      argument: JSON.stringify(options),
      environment: { ...process.env, DOCKER_HOST: options.dockerHost },
      logFile: paths.backgroundLog,
      seconds: patience,
    });
    return { ...launched, code, options, proxies: buildProxies(process.env) };
  } catch (error) {
    throw await cleanedUp(error, endForgotten);
  }
}

/** Ends the background process and with it containers and registries; false when none ran. */
export async function stopBackground(): Promise<boolean> {
  const running = await runningBackground();
  if (running) await endProcess(running.pid, running.started);
  await endForgotten();
  await rm(paths.background, { force: true });
  return running !== undefined;
}

/**
 * Ends processes of this clone that nobody knows of any more, as after `rm -rf .local` or a kill: the background
 * process, then registries without one.
 */
async function endForgotten(): Promise<void> {
  for (const belongs of [isBackground, isRegistry]) {
    for (const pid of await processesWith(belongs)) {
      const started = await startOf(pid);
      if (started) await endProcess(pid, started);
    }
  }
}

/** Node with our script: an editor that has the script open is none of ours. */
export const isBackground: Belongs = (argument, position, argv) =>
  position === 1 && argument === script && basename(argv[0] ?? "").startsWith("node");

/** A registry's program with our configuration. */
export const isRegistry: Belongs = (argument, position, argv) =>
  position === 2 &&
  argv[1] === "serve" &&
  basename(argument) === "config.yml" &&
  dirname(dirname(argument)) === join(stateDirectory, "azure", "registries");

/** Hash of everything that the background process runs: a `git pull` or an edit changes it. */
export async function codeHash(): Promise<string> {
  const files = ["package-lock.json"];
  for await (const file of glob("local/{arm-client,azure,docker,net,plugins,process,system}/**/*.{ts,mjs}", {
    cwd: repository,
  }))
    files.push(file);
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    hash.update(`${file}\0`).update(await readFile(join(repository, file)));
  }
  return hash.digest("hex");
}
