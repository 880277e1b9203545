import { createHash, randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";
import { ignoring } from "../../../docker/errors.ts";
import { cleanedUp } from "../../../system/clean-up.mjs";
import { followLogs } from "./container-logs.ts";
import { type ContainerSettings, candidatePorts } from "./container-settings.ts";
import { dockerMessage, dockerRefusal } from "./docker-error.ts";
import { dockerRunLine } from "./environment.ts";
import { elapsedSeconds, isReady, warmUp, warmUpStatus } from "./probe.ts";
import { pullImage, StartError } from "./pull.ts";
import type { SiteLog } from "./site-log.ts";
import type { RuntimeTimes } from "./times.ts";

const cloneLabel = "azure-ml-scoring.clone";
export const siteLabel = "azure-ml-scoring.site";
/** The hash of the settings that the container was started with. */
const hashLabel = "azure-ml-scoring.spec";
/** Milliseconds. */
const stopLimitLabel = "azure-ml-scoring.stop-limit";

/** What containers of one site have in common. */
export interface SiteHost {
  docker: Dockerode;
  clone: string;
  site: string;
  log: SiteLog;
  times: RuntimeTimes;
}

/** A container that has answered its warm-up request. */
export interface Instance {
  container: Dockerode.Container;
  name: string;
  hash: string;
  /** On 127.0.0.1. */
  hostPort: number;
  /** Milliseconds. */
  stopLimit: number;
  /** Resolves when the container has ended, whoever ended it. */
  exited: Promise<void>;
}

/** A container that runs; whether it answers is not known. `hostPorts`: all that it publishes on 127.0.0.1. */
export type Running = Omit<Instance, "hostPort"> & { hostPorts: number[] };

/** The name of the volume at /home. */
export function homeVolume(host: SiteHost): string {
  const clone = createHash("sha256").update(host.clone).digest("hex").slice(0, 8);
  return `${host.site}-home-${clone}`;
}

/**
 * Pulls, creates and starts a container and waits until it answers, writing the platform's log lines.
 *
 * @param ordinal - How many starts came before.
 * @throws StartError when it failed; the reason is in the log and nothing of the container is left.
 */
export async function startInstance(
  host: SiteHost,
  settings: ContainerSettings,
  ordinal: number,
  signal: AbortSignal,
): Promise<Instance> {
  const { docker, log, site } = host;
  await pullImage(docker, settings.image, settings.credentials, log, signal);
  signal.throwIfAborted();
  log.platform("INFO", "Starting container for site");
  const name = `${site}_${ordinal}_${randomBytes(4).toString("hex")}`;
  const inspected = await docker.getImage(settings.image).inspect();
  const ports = candidatePorts(settings.port, Object.keys(inspected.Config.ExposedPorts ?? {}));
  const environment = { PORT: `${ports[0]}`, ...settings.environment };
  const container = await createContainer(host, settings, name, ports, environment);
  try {
    await startContainer(container, host, settings);
    const exited = exitOf(container);
    const published = await publishedPorts(container);
    log.platform(
      "INFO",
      dockerRunLine({
        name,
        image: settings.image,
        command: settings.command,
        ports,
        published: [...published].map(([inside, outside]) => `${outside}:${inside}`),
        environment,
      }),
    );
    const logged = followLogs(container, log, 0);
    log.platform("INFO", `Initiating warmup request to container ${name} for site ${site}`);
    const since = performance.now();
    const ended = await warmUp({
      hostPorts: [...published.values()],
      path: settings.warmUpPath,
      statuses: settings.warmUpStatuses,
      exited,
      limit: settings.startLimit,
      interval: host.times.probe,
      waitingLine: host.times.waitingLine,
      waiting: () =>
        log.platform(
          "INFO",
          `Waiting for response to warmup request for container ${name}. Elapsed time = ${elapsedSeconds(since)} sec`,
        ),
      signal,
    });
    if (ended.result === "ready") {
      log.platform(
        "INFO",
        `Container ${name} for site ${site} initialized successfully and is ready to serve requests.`,
      );
      const { hash, stopLimit } = settings;
      return { container, name, hash, hostPort: ended.port, stopLimit, exited };
    }
    if (ended.result === "timeout") await endContainer(container, settings.stopLimit);
    // The container's own last lines come before the platform's verdict.
    await logged;
    const reason =
      ended.result === "exited"
        ? "has exited, failing site start"
        : `did not start within expected time limit. Elapsed time = ${elapsedSeconds(since)} sec`;
    log.platform("ERROR", `Container ${name} for site ${site} ${reason}`);
    log.platform(
      "ERROR",
      `Container ${name} didn't respond to HTTP pings on port: ${ports.join(", ")}, failing site start. See container logs for debugging.`,
    );
    throw new StartError(`Container ${name} ${reason}`);
  } catch (error) {
    throw await cleanedUp(error, () => removeContainer(container));
  }
}

/** The site's containers that still run, with what they were started with; the others are removed. */
export async function runningInstances(host: SiteHost): Promise<Running[]> {
  const filters = { label: [`${cloneLabel}=${host.clone}`, `${siteLabel}=${host.site}`] };
  const instances: Running[] = [];
  for (const { Id, State, Labels, Names } of await host.docker.listContainers({ all: true, filters })) {
    const container = host.docker.getContainer(Id);
    const hostPorts = State === "running" ? [...(await publishedPorts(container)).values()] : [];
    if (hostPorts.length === 0) {
      await removeContainer(container);
      continue;
    }
    instances.push({
      container,
      name: Names[0]!.slice(1),
      hash: Labels[hashLabel] ?? "",
      hostPorts,
      stopLimit: Number(Labels[stopLimitLabel] ?? host.times.stopLimit),
      exited: exitOf(container),
    });
  }
  return instances;
}

/**
 * Asks a running container, once on each of its ports, for what a warm-up would ask.
 *
 * @param statuses - that count as an answer; any where none is given.
 * @returns the container with the port that answered; undefined where none did.
 */
export async function answeringInstance(
  { hostPorts, ...running }: Running,
  path: string,
  statuses: number[],
): Promise<Instance | undefined> {
  const answers = await Promise.all(
    hostPorts.map(async (hostPort) => ({ hostPort, status: await warmUpStatus(hostPort, path) })),
  );
  const found = answers.find(({ status }) => isReady(status, statuses));
  return found && { ...running, hostPort: found.hostPort };
}

/** Copies the output of a container that an earlier process started, from now on. */
export function followInstance(host: SiteHost, { container }: Instance): void {
  void followLogs(container, host.log, Math.floor(Date.now() / 1000));
}

/** SIGTERM, after the stop limit SIGKILL; then the container is removed. */
export async function stopInstance({ container, stopLimit }: Instance | Running): Promise<void> {
  await endContainer(container, stopLimit);
  await removeContainer(container);
}

/** @param stopLimit - milliseconds between SIGTERM and SIGKILL. */
async function endContainer(container: Dockerode.Container, stopLimit: number): Promise<void> {
  // 304: it has ended already; 404: it is gone.
  await ignoring([304, 404], container.stop({ t: Math.ceil(stopLimit / 1000) }));
}

/** Removes all containers of a clone's web apps, whoever started them. */
export async function removeContainers(docker: Dockerode, clone: string): Promise<void> {
  for (const { Id } of await containersOf(docker, clone)) await removeContainer(docker.getContainer(Id));
}

/** All containers of a clone's web apps, running or not. */
export function containersOf(docker: Dockerode, clone: string): Promise<Dockerode.ContainerInfo[]> {
  return docker.listContainers({ all: true, filters: { label: [`${cloneLabel}=${clone}`] } });
}

/** Kills and removes a container, and waits until it is gone. */
export async function removeContainer(container: Dockerode.Container): Promise<void> {
  // 409: another call is removing it already.
  await ignoring([404, 409], container.remove({ force: true, v: true }));
}

async function createContainer(
  host: SiteHost,
  settings: ContainerSettings,
  name: string,
  ports: number[],
  environment: Record<string, string>,
): Promise<Dockerode.Container> {
  const labels = { [cloneLabel]: host.clone, [siteLabel]: host.site };
  const home = homeVolume(host);
  if (settings.persistentHome) await host.docker.createVolume({ Name: home, Labels: labels });
  const keys = ports.map((port) => `${port}/tcp`);
  const container = await host.docker.createContainer({
    name,
    Image: settings.image,
    ...(settings.command.length > 0 ? { Cmd: settings.command } : {}),
    Env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    ExposedPorts: Object.fromEntries(keys.map((key) => [key, {}])),
    Labels: { ...labels, [hashLabel]: settings.hash, [stopLimitLabel]: `${settings.stopLimit}` },
    HostConfig: {
      PortBindings: Object.fromEntries(keys.map((key) => [key, [{ HostIp: "127.0.0.1", HostPort: "" }]])),
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } },
      Mounts: settings.persistentHome
        ? [{ Type: "volume", Source: home, Target: "/home", VolumeOptions: { NoCopy: true } }]
        : [],
    } as Dockerode.HostConfig,
  });
  try {
    if (settings.persistentHome) await openHome(container);
    return container;
  } catch (error) {
    throw await cleanedUp(error, () => removeContainer(container));
  }
}

/** App Service's /home may be written by every user of the container; a new volume only by root. */
async function openHome(container: Dockerode.Container): Promise<void> {
  const archive = pack();
  archive.entry({ name: "home/", type: "directory", mode: 0o777 });
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  await container.putArchive(Buffer.concat(chunks), { path: "/" });
}

async function startContainer(
  container: Dockerode.Container,
  host: SiteHost,
  settings: ContainerSettings,
): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    const message = dockerMessage(error);
    host.log.platform("ERROR", dockerRefusal("BadRequest", message));
    throw new StartError(`${settings.image} could not be started: ${message}`, { cause: error });
  }
}

/** Resolves when a started container has ended; a daemon that cannot say counts as an end too. */
function exitOf(container: Dockerode.Container): Promise<void> {
  return container.wait().then(
    () => undefined,
    () => undefined,
  );
}

/** Container port → port on 127.0.0.1; empty when the container has ended. */
async function publishedPorts(container: Dockerode.Container): Promise<Map<number, number>> {
  const { NetworkSettings } = await container.inspect();
  const published = new Map<number, number>();
  for (const [key, bindings] of Object.entries(NetworkSettings.Ports ?? {})) {
    const hostPort = bindings?.find(({ HostIp }) => HostIp === "127.0.0.1")?.HostPort;
    if (hostPort) published.set(Number.parseInt(key, 10), Number(hostPort));
  }
  return published;
}
