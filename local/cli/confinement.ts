import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { release, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type Docker from "dockerode";
import { type Confined, endConfined, startConfined } from "../docker/confined.ts";
import { buildProxies, directVariables, proxyVariables, withoutCredentials } from "../net/proxy.mjs";
import { publicBaseImage } from "../setup/base-image.ts";
import { dockerClient } from "../setup/docker.ts";
import { languageHost, languageHostDirectory } from "../setup/engine.ts";
import { pullImage } from "../setup/images.ts";
import type { RunningEngine } from "../stack/engine.ts";
import { lendStack, takeBackStack } from "../stack/lent-state.ts";
import { configFile } from "../stack/settings-copy.ts";
import { paths, repository, stateDirectory } from "../system/clone.ts";
import { findOnPath } from "../system/command.ts";
import { lastLines } from "../system/errors.ts";
import type { Report } from "../system/report.ts";
import type { Session } from "./session.ts";

/** What ends this process, and so a container of its own, which no terminal reaches. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Where the engine is inside. */
const engineFolder = "/opt/pulumi";

/**
 * Where a commit's code runs: in containers that have the commit's files and none else of this user's. The engine runs there too,
 * since a program tells it what to start and to read. They reach what listens on this machine's loopback address, as local Azure.
 */
export class Confinement {
  /** The commit's files. */
  readonly source: string;
  readonly #folder: string;
  readonly #session: Session;
  readonly #docker: Docker;
  readonly #image: string;

  private constructor(folder: string, session: Session, docker: Docker, image: string) {
    this.source = join(folder, "source");
    this.#folder = folder;
    this.#session = session;
    this.#docker = docker;
    this.#image = image;
  }

  /**
   * @param folder - for the commit's files, and what is written beside them; nobody else's.
   * @throws Error in one sentence where this Docker daemon cannot confine anything.
   */
  static async open(folder: string, session: Session, report: Report): Promise<Confinement> {
    const { dockerHost } = session.azure.options;
    const docker = dockerClient({ host: dockerHost });
    const why = unfit(dockerHost, await docker.info());
    if (why) {
      throw new Error(
        `A commit's program runs in a container, so that it reaches nothing of yours but local Azure, and ${why}: use a daemon that runs on this machine as a system's service.`,
      );
    }
    const [, own] =
      Object.entries(session.machineSettings).find(([name]) => name.endsWith(":baseImage")) ?? [];
    const image = own ?? publicBaseImage;
    if (!(await pullImage(docker, image, report)))
      throw new Error(
        `A commit's program runs in a container of ${image}, which cannot be pulled: pull it, and try again.`,
      );
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new Confinement(folder, session, docker, image);
  }

  /** Installs the packages that the commit's lock file names, running none of their scripts. */
  async install(): Promise<void> {
    const proxies = withoutCredentials(proxyVariables(process.env));
    const registry = withoutCredentials({ npm_config_registry: process.env.npm_config_registry });
    await this.#fresh();
    const npm = await this.#start({
      argv: ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
      environment: { ...proxies, ...registry },
      readable: {},
    });
    const end = () => void npm.kill("SIGKILL");
    for (const signal of SIGNALS) process.on(signal, end);
    const [printed, status] = await Promise.all([text(npm.stderr), npm.ended, npm.stdout.resume()]);
    for (const signal of SIGNALS) process.off(signal, end);
    if (status !== 0) throw new Error(`npm ci: ${lastLines(printed)}`);
  }

  /**
   * Starts the engine on the commit's files, with a state that has this stack alone; `takeBack` takes over what becomes of it.
   *
   * @param given - where `serveDocker` has its plugin, and whether the commit runs with this clone's packages.
   */
  async startEngine(
    stack: string,
    argv: string[],
    { dockerPort, withOurPackages }: { dockerPort: string; withOurPackages: boolean },
  ): Promise<RunningEngine> {
    const { environment, azure } = this.#session;
    await this.#fresh();
    await lendStack(stack, this.#state);
    const modules = join(this.source, "node_modules");
    const settings = configFile(stack);
    const passphrase = environment.PULUMI_CONFIG_PASSPHRASE_FILE!;
    const shared = withOurPackages ? { [modules]: join(repository, "node_modules") } : {};
    const engine = await this.#start({
      argv: [`${engineFolder}/pulumi`, ...argv],
      environment: {
        ...environment,
        PATH: `${engineFolder}:${languageHostDirectory}:/usr/local/bin:/usr/bin:/bin`,
        DOCKER_HOST: undefined,
        PULUMI_HOME: join(this.#home, ".pulumi"),
        PULUMI_BACKEND_URL: pathToFileURL(this.#state).href,
        PULUMI_DEBUG_PROVIDERS: azure.debugProviders.replace(/\bdocker:\d+/, `docker:${dockerPort}`),
      },
      readable: {
        ...(await engineFiles(environment.PATH)),
        ...ownCode(),
        ...shared,
        [settings]: settings,
        [passphrase]: passphrase,
      },
    });
    // The first process of a container is not ended by a signal that it does not handle.
    const kill = (signal: NodeJS.Signals) => engine.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
    return { ...engine, kill };
  }

  /**
   * Serves the docker plugin's stand-in to the commit's engine, until `takeBack`; what it reads, it reads where only the commit's
   * files are.
   *
   * @returns its port.
   */
  async serveDocker(): Promise<string> {
    const { dockerHost } = this.#session.azure.options;
    const proxies = JSON.stringify(withoutCredentials(buildProxies(process.env)));
    const plugin = await startConfined(this.#docker, {
      image: this.#image,
      owner: ownerOf(this.#folder),
      trusted: true,
      argv: ["node", join(repository, "local", "plugins", "docker", "main.ts"), this.source, proxies],
      directory: this.source,
      environment: { DOCKER_HOST: "unix:///docker.sock", ...directVariables(process.env) },
      readable: { ...ownCode(), [this.source]: this.source, "/docker.sock": new URL(dockerHost).pathname },
    });
    const printed = text(plugin.stderr);
    const ended = plugin.ended.then(async () => {
      throw new Error(`The docker plugin's stand-in has ended: ${lastLines(await printed)}`);
    });
    ended.catch(() => {});
    const [line] = await Promise.race([once(plugin.stdout, "data"), ended]);
    return String(line).trim();
  }

  /** What the engine writes: the stack's state, lent to it, and its home. */
  get #run() {
    return runFolder(this.#folder);
  }

  get #state() {
    return stateIn(this.#run);
  }

  get #home() {
    return join(this.#run, "home");
  }

  async #fresh(): Promise<void> {
    await rm(this.#run, { recursive: true, force: true });
    await mkdir(this.#home, { recursive: true, mode: 0o700 });
    const { uid, gid } = userInfo();
    await writeFile(this.#passwd, `commit:x:${uid}:${gid}::${this.#home}:/bin/sh\n`);
  }

  get #passwd() {
    return join(this.#folder, "passwd");
  }

  #start({ readable, environment, argv }: Pick<Confined, "readable" | "environment" | "argv">) {
    const { caBundle } = paths;
    return startConfined(this.#docker, {
      image: this.#image,
      owner: ownerOf(this.#folder),
      argv,
      directory: this.source,
      environment: { NODE_EXTRA_CA_CERTS: caBundle, ...environment, HOME: this.#home, USER: "commit" },
      // Go's programs look for the user's name.
      readable: { ...readable, [caBundle]: caBundle, "/etc/passwd": this.#passwd },
      writable: [this.source, this.#run],
    });
  }
}

/** Ends what still runs of a commit's code, and takes over the state of the stack, if it was lent. */
export async function takeBack(stack: string, folder: string, { azure }: Session): Promise<void> {
  await endConfined(dockerClient({ host: azure.options.dockerHost }), ownerOf(folder));
  const run = runFolder(folder);
  if (existsSync(stateIn(run))) await takeBackStack(stack, stateIn(run));
  await rm(run, { recursive: true, force: true });
}

const ownerOf = (folder: string) => ({ clone: stateDirectory, folder });
const runFolder = (folder: string) => join(folder, "run");
const stateIn = (run: string) => join(run, "state");

/** Why a daemon's containers do not do, as a clause; undefined where they do. */
export function unfit(
  host: string,
  { KernelVersion, SecurityOptions = [] }: { KernelVersion: string; SecurityOptions?: string[] },
): string | undefined {
  if (!host.startsWith("unix:"))
    return `the Docker daemon at ${host} listens on the network, where that program could use it as you do`;
  if (SecurityOptions.some((option) => option.startsWith("name=rootless")))
    return "a rootless Docker daemon's containers do not reach local Azure";
  if (KernelVersion !== release())
    return "this Docker daemon runs in a virtual machine, where local Azure is not";
  return undefined;
}

/** What of this clone runs inside: its stand-ins, and the packages. */
function ownCode(): Record<string, string> {
  const folders = ["local", "node_modules", "package.json"].map((name) => join(repository, name));
  return Object.fromEntries(folders.map((folder) => [folder, folder]));
}

/** The engine and what comes with it, by where it is inside. */
async function engineFiles(path: string | undefined): Promise<Record<string, string>> {
  const engine = await realpath(paths.engine);
  const folder = dirname(engine);
  const names = (await readdir(folder)).filter((name) => name.startsWith("pulumi-"));
  const files = Object.fromEntries(names.map((name) => [`${engineFolder}/${name}`, join(folder, name)]));
  const host = names.includes(languageHost) ? undefined : findOnPath(languageHost, path);
  return {
    ...files,
    ...(host ? { [`${engineFolder}/${languageHost}`]: await realpath(host) } : {}),
    [`${engineFolder}/pulumi`]: engine,
  };
}
