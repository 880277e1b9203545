import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ToolchainError } from "../system/errors.ts";
import { readJson } from "../system/files.ts";

export const defaultSocket = "/var/run/docker.sock";
/** Where clients look that are told nothing. */
export const defaultDockerHost = `unix://${defaultSocket}`;

/** Where the user wants a daemon to be found. */
interface NamedHost {
  /** As DOCKER_HOST has it, e.g. `unix:///var/run/docker.sock`. */
  host: string;
  /** What names it, for a sentence. */
  by: string;
  /** Whether that is DOCKER_HOST, which Docker's client heeds by itself. */
  inEnvironment: boolean;
}

/**
 * The daemon that the user chose, as `docker` itself would: DOCKER_HOST first, then the context. Asks no daemon.
 *
 * @throws ToolchainError where that is no address, or one of another machine.
 */
export async function namedHost(): Promise<NamedHost | undefined> {
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG } = process.env;
  if (DOCKER_HOST) return checked({ host: DOCKER_HOST, by: "DOCKER_HOST", inEnvironment: true });
  const directory = DOCKER_CONFIG || join(homedir(), ".docker");
  const config = await settingsIn<{ currentContext?: string }>(join(directory, "config.json"));
  const context = DOCKER_CONTEXT || config?.currentContext;
  if (!context || context === "default") return undefined;
  const by = DOCKER_CONTEXT ? "DOCKER_CONTEXT" : `the Docker context '${context}'`;
  const id = createHash("sha256").update(context).digest("hex");
  const file = join(directory, "contexts", "meta", id, "meta.json");
  const meta = await settingsIn<{ Endpoints?: { docker?: { Host?: string } } }>(file);
  const host = meta?.Endpoints?.docker?.Host;
  if (!host) {
    throw new ToolchainError(
      `There is no Docker context '${context}', which is the current one: run \`docker context use default\`.`,
    );
  }
  return checked({ host, by, inEnvironment: false });
}

function checked(named: NamedHost): NamedHost {
  const { host, by, inEnvironment } = named;
  if (/^unix:\/\/(\/.|$)/.test(host)) return named;
  const refused = (what: string, right = defaultDockerHost) => {
    const remedy = inEnvironment
      ? `set DOCKER_HOST=${right}, or unset it`
      : `make that ${right}, or run \`docker context use default\``;
    return new ToolchainError(`${by} says '${host}', ${what}: ${remedy}.`);
  };
  if (host.startsWith("/")) throw refused("a path without its scheme", `unix://${host}`);
  const socket = /^unix:\/*(.+)/.exec(host)?.[1];
  if (socket) throw refused("which names no file from the root on", `unix:///${socket}`);
  if (host.startsWith("npipe:")) {
    throw new ToolchainError(
      `${by} says '${host}', a pipe of Windows, and local Azure runs on Linux: run the command in WSL 2 (https://docs.docker.com/desktop/features/wsl).`,
    );
  }
  if (/^[\w.-]+:\d+$/.test(host)) throw refused("which lacks its scheme", `tcp://${host}`);
  const url = URL.parse(host);
  if (!url?.hostname || !/^(tcp|https?|ssh):$/.test(url.protocol) || url.hostname === "0.0.0.0") {
    throw refused("which is no address of a Docker daemon");
  }
  if (!/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new ToolchainError(
      `${by} leads to a Docker daemon on another machine (${host}), and local Azure's containers must run on this one: unset DOCKER_HOST, or run \`docker context use default\`.`,
    );
  }
  if (url.protocol === "ssh:") throw refused("and local Azure reaches no daemon by SSH");
  if (url.port === "" && url.protocol === "tcp:")
    throw refused("which lacks its port", `tcp://${url.hostname}:2375`);
  return named;
}

async function settingsIn<T>(file: string): Promise<T | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    return await readJson<T>(file);
  } catch (error) {
    throw new ToolchainError(`Cannot read ${file} (${(error as Error).message}): mend or remove it.`);
  }
}
