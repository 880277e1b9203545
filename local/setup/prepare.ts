import { createHash } from "node:crypto";
import type Docker from "dockerode";
import type { Report } from "../system/report.ts";
import { ensureWritable } from "../system/writable.ts";
import { ensureBaseImage } from "./base-image.ts";
import type { Context } from "./context.ts";
import { dockerClient, ensureDockerDaemon } from "./docker.ts";
import { ensureEngine } from "./engine.ts";
import { ensurePythonImages, type PythonImages } from "./python-images.ts";
import { ensureRegistry } from "./registry.ts";

export interface ToolchainOptions extends Pick<Context, "cacheDirectory" | "path"> {
  /** Of this clone. */
  stateDirectory: string;
  /** Whether a model is to be packaged that runs in Python. */
  python?: boolean;
}

/** Images to build on where the public ones cannot be had; Python's, once they were needed. */
export interface Images extends Partial<PythonImages> {
  baseImage?: string;
}

export interface Toolchain {
  /** Absolute path of `pulumi`. */
  engine: string;
  /** Value for DOCKER_HOST, where it must be set. */
  dockerHost: string | undefined;
  /** Absolute path of CNCF Distribution. */
  registry: string;
  images: Images;
}

/**
 * Finds, installs or builds what the commands need. What takes long is said line by line; with everything there it
 * takes well under a second.
 *
 * @throws ToolchainError with one sentence and its remedy.
 */
export async function prepareToolchain(report: Report, options: ToolchainOptions): Promise<Toolchain> {
  const { cacheDirectory, stateDirectory, path, python = false } = options;
  await ensureWritable(stateDirectory, "make it writable, or use a clone in a place that is");
  const failure = new AbortController();
  const context: Context = { report, cacheDirectory, path, signal: failure.signal };
  const found = ensureDockerDaemon(context);
  const docker = async () => dockerClient(await found);
  const parts = [
    ensureEngine(context),
    found,
    ensureRegistry(context, docker),
    docker().then((client) => ensureImages(context, client, cloneTag(stateDirectory), python)),
  ] as const;
  try {
    const [engine, daemon, registry, images] = await Promise.all(parts);
    return { engine, dockerHost: daemon.host, registry, images };
  } catch (error) {
    // The first failure is the one to tell of: what the others are at work on is ended, not left behind.
    failure.abort();
    await Promise.allSettled(parts);
    throw error;
  }
}

async function ensureImages(context: Context, docker: Docker, tag: string, python: boolean): Promise<Images> {
  const baseImage = await ensureBaseImage(context, docker, tag);
  return baseImage ? { baseImage, ...(await ensurePythonImages(context, docker, tag, python)) } : {};
}

/** Names a clone in image names: some characters that no other clone on this machine has. */
export function cloneTag(stateDirectory: string): string {
  return createHash("sha256").update(stateDirectory).digest("hex").slice(0, 12);
}
