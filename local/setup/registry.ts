import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import tar from "tar-fs";
import { withCleanUp } from "../system/clean-up.mjs";
import { findOnPath, run } from "../system/command.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { makeWhole } from "../system/files.ts";
import { type Report, withProgress } from "../system/report.ts";
import { findApt, runApt } from "./apt.ts";
import { type Context, inCache } from "./context.ts";
import { buildGoTool, type GoTool } from "./go.ts";
import { pullImage } from "./images.ts";

const goTool: GoTool = {
  what: "container registry, CNCF Distribution v3.0.0,",
  module: join(import.meta.dirname, "registry"),
  package: "github.com/distribution/distribution/v3/cmd/registry",
  stamp: { variable: "github.com/distribution/distribution/v3/version.version", version: "v3.0.0" },
  seconds: 60,
};

const image = "registry:3";

/**
 * CNCF Distribution, 2.8 or newer: on PATH (`registry`, or Debian's `docker-registry`), else in the cache, where it
 * comes from Debian's package, the public image, or a build with Go, whichever can be had first.
 *
 * @param docker - finds the Docker daemon, and is asked only when that is the way.
 * @returns absolute path of the executable, to be run as `registry serve CONFIG`.
 */
export async function ensureRegistry(context: Context, docker: () => Promise<Docker>): Promise<string> {
  const { report, cacheDirectory, path } = context;
  for (const name of ["registry", "docker-registry"]) {
    const found = findOnPath(name, path);
    if (found && (await isDistribution(found))) return found;
  }
  const file = join(cacheDirectory, "registry", "registry");
  if (existsSync(file)) return file;
  return inCache(context, "registry", "getting the container registry", async () => {
    if (existsSync(file)) return file;
    await mkdir(join(cacheDirectory, "registry"), { recursive: true });
    if (await fromDebian(file, context)) return file;
    if (await fromImage(await docker(), file, report)) return file;
    const go = findOnPath("go", path);
    if (!go) {
      throw new ToolchainError(
        "There is no container registry on PATH, neither Debian's archive nor docker.io can be reached for one, and there is no Go to build it with: install CNCF Distribution (Debian: docker-registry) or Go (https://go.dev/dl).",
      );
    }
    await buildGoTool(go, goTool, file, context);
    return file;
  });
}

async function isDistribution(file: string): Promise<boolean> {
  const asked = await run(file, ["--version"], { timeoutSeconds: 10 });
  return asked.status === 0 && /distribution\S* v?\d/.test(asked.output);
}

/** Takes the executable out of Debian's package: installing the package would start a registry on port 5000. */
async function fromDebian(file: string, { report, path, signal }: Context): Promise<boolean> {
  const [apt, dpkg] = [await findApt(path), findOnPath("dpkg-deb", path)];
  if (!apt || !dpkg) return false;
  return inTemporaryFolder(async (directory) => {
    // apt fetches as a user of its own where it may.
    await chmod(directory, 0o755);
    const what = "Fetching the container registry, Debian's docker-registry";
    const reason = await withProgress(
      report,
      what,
      async () => {
        const options = { cwd: directory, timeoutSeconds: 120, signal };
        const fetched = await runApt(apt, ["download", "docker-registry"], options);
        const archive = (await readdir(directory)).find((name) => name.endsWith(".deb"));
        if (fetched.status !== 0 || !archive)
          return lastLines(fetched.output, 1) || "apt-get downloaded nothing";
        const unpacked = await run(dpkg, ["-x", archive, "content"], { cwd: directory });
        if (unpacked.status !== 0) return lastLines(unpacked.output, 1) || "it cannot be unpacked";
        const unusable = !(await install(join(directory, "content", "usr", "bin", "docker-registry"), file));
        return unusable ? "its program does not run here" : undefined;
      },
      (why) => why && `not available (${why})`,
    );
    return reason === undefined;
  });
}

async function fromImage(docker: Docker, file: string, report: Report): Promise<boolean> {
  if (!(await pullImage(docker, image, report))) return false;
  return inTemporaryFolder(async (directory) => {
    const container = await docker.createContainer({ Image: image });
    const unpack = async () => {
      const archive = await container.getArchive({ path: "/bin/registry" });
      await pipeline(archive, tar.extract(directory));
    };
    await withCleanUp(unpack, () => container.remove());
    return install(join(directory, "registry"), file);
  });
}

async function inTemporaryFolder<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "docker-registry-"));
  return withCleanUp(
    () => work(directory),
    () => rm(directory, { recursive: true, force: true }),
  );
}

/** Puts an executable that works here in its place, whole or not at all. */
async function install(from: string, file: string): Promise<boolean> {
  if (!(await isDistribution(from))) return false;
  await makeWhole(file, async (made) => {
    await copyFile(from, made);
    await chmod(made, 0o755);
  });
  return true;
}
