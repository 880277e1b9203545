import { createHash } from "node:crypto";
import type { Report } from "../system/report.ts";
import { ensureWritable } from "../system/writable.ts";
import { ensureBaseImage } from "./base-image.ts";
import type { Context } from "./context.ts";
import { dockerClient, ensureDockerDaemon } from "./docker.ts";
import { ensureEngine } from "./engine.ts";
import { ensureRegistry } from "./registry.ts";

export interface ToolchainOptions extends Pick<Context, "cacheDirectory" | "path"> {
  /** Of this clone. */
  stateDirectory: string;
}

export interface Toolchain {
  /** Absolute path of `pulumi`. */
  engine: string;
  /** Value for DOCKER_HOST, where it must be set. */
  dockerHost: string | undefined;
  /** Absolute path of CNCF Distribution. */
  registry: string;
  /** Image to build on where the public one cannot be had. */
  baseImage: string | undefined;
}

/**
 * Finds, installs or builds what the commands need. What takes long is said line by line; with everything there it
 * takes well under a second.
 *
 * @throws ToolchainError with one sentence and its remedy.
 */
export async function prepareToolchain(report: Report, options: ToolchainOptions): Promise<Toolchain> {
  const { cacheDirectory, stateDirectory, path } = options;
  await ensureWritable(stateDirectory, "make it writable, or use a clone in a place that is");
  const failure = new AbortController();
  const context: Context = { report, cacheDirectory, path, signal: failure.signal };
  const found = ensureDockerDaemon(context);
  const docker = async () => dockerClient(await found);
  const parts = [
    ensureEngine(context),
    found,
    ensureRegistry(context, docker),
    docker().then((client) => ensureBaseImage(context, client, cloneTag(stateDirectory))),
  ] as const;
  try {
    const [engine, daemon, registry, baseImage] = await Promise.all(parts);
    return { engine, dockerHost: daemon.host, registry, baseImage };
  } catch (error) {
    // The first failure is the one to tell of: what the others are at work on is ended, not left behind.
    failure.abort();
    await Promise.allSettled(parts);
    throw error;
  }
}

/** Names a clone in image names: some characters that no other clone on this machine has. */
export function cloneTag(stateDirectory: string): string {
  return createHash("sha256").update(stateDirectory).digest("hex").slice(0, 12);
}
