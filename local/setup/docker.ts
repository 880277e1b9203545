import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { ToolchainError } from "../system/errors.ts";
import type { Context } from "./context.ts";
import { isStartedByUs, startDaemon } from "./docker-daemon.ts";
import { defaultDockerHost, defaultSocket, namedHost } from "./docker-host.ts";

export interface DockerDaemon {
  /** Value for DOCKER_HOST; undefined where the variable's present value, or its absence, already leads there. */
  host: string | undefined;
  /** True when a command of this project started it, now or earlier: it is left running. */
  startedByUs: boolean;
}

/** Seconds that a daemon may take to answer. */
const patience = 10;

/** What came of asking an address for a daemon. */
type Answer = "ok" | "denied" | "none" | { failed: string };

/**
 * A Docker daemon that answers: at DOCKER_HOST, else at the Docker context's host, else at the usual sockets; else,
 * for root on Debian or Ubuntu, one that is started here, and installed where it is missing.
 *
 * @throws ToolchainError when there is none, or when the user may not use it.
 */
export async function ensureDockerDaemon(context: Context): Promise<DockerDaemon> {
  const found = await findDockerDaemon(context.cacheDirectory);
  if (found) return found;
  await startDaemon(context, async () => (await ask(defaultDockerHost)) === "ok");
  return { host: undefined, startedByUs: await isStartedByUs(context.cacheDirectory) };
}

/**
 * The Docker daemon that answers; undefined where the usual sockets have none. Starts nothing.
 *
 * @throws ToolchainError when the one that the user named does not answer, or when the user may not use it.
 */
export async function findDockerDaemon(cacheDirectory: string): Promise<DockerDaemon | undefined> {
  const named = await namedHost();
  if (named) {
    const answer = await ask(named.inEnvironment ? undefined : named.host);
    if (answer === "ok") return { host: named.inEnvironment ? undefined : named.host, startedByUs: false };
    throw new ToolchainError(unreachable(named.host, named.by, answer));
  }
  let problem: string | undefined;
  for (const socket of sockets()) {
    const answer = await ask(`unix://${socket}`);
    if (answer === "ok") {
      const isDefault = socket === defaultSocket;
      const startedByUs = isDefault && (await isStartedByUs(cacheDirectory));
      return { host: isDefault ? undefined : `unix://${socket}`, startedByUs };
    }
    if (answer === "denied") problem ??= notAllowed(socket);
    else if (answer !== "none") {
      problem ??= `The Docker daemon at ${socket} gives no proper answer (${answer.failed}): restart it.`;
    }
  }
  if (problem) throw new ToolchainError(problem);
  return undefined;
}

/** Docker's client for that daemon. */
export function dockerClient({ host }: Pick<DockerDaemon, "host">): Docker {
  if (!host) return new Docker();
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  const { hostname, port } = new URL(host);
  return new Docker({ protocol: "http", host: hostname.replace(/^\[|\]$/g, ""), port });
}

/** @param host - undefined asks where DOCKER_HOST leads. */
async function ask(host: string | undefined): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${patience} s`)), patience * 1000);
  try {
    await Promise.race([dockerClient({ host }).ping(), late]);
    return "ok";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") return "denied";
    // No socket, or one without a daemon.
    if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") return "none";
    return { failed: message };
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(host: string, by: string, answer: Answer): string {
  if (answer === "denied") return notAllowed(host.replace("unix://", ""));
  const why = typeof answer === "object" ? answer.failed : "nothing listens there";
  return `No Docker daemon answers at ${host}, which ${by} names (${why}): start it, or choose the machine's own (unset DOCKER_HOST and DOCKER_CONTEXT, or run \`docker context use default\`).`;
}

function notAllowed(socket: string): string {
  const { username } = userInfo();
  return `User ${username} may not use the Docker daemon at ${socket}: run \`sudo usermod -aG docker ${username}\` and log in again, or use rootless Docker (https://docs.docker.com/engine/security/rootless).`;
}

/** Where daemons listen: the system's, a rootless one, Docker Desktop's. */
function sockets(): string[] {
  const runtime = process.env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  const home = homedir();
  return [
    defaultSocket,
    join(runtime, "docker.sock"),
    join(home, ".docker", "run", "docker.sock"),
    join(home, ".docker", "desktop", "docker.sock"),
  ];
}
