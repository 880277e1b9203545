import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import { ignoring } from "../docker/errors.ts";
import { finished } from "../docker/progress.ts";
import { findOnPath, run } from "../system/command.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { makeWhole } from "../system/files.ts";
import { withProgress } from "../system/report.ts";
import { aptInstall, isDebianRoot } from "./apt.ts";
import { type Context, inCache } from "./context.ts";
import { hasImage } from "./images.ts";

const suite = "bookworm";

/** Where Debian has the certificates that programs in the image trust. */
export const caBundleInside = "/etc/ssl/certs/ca-certificates.crt";

/** An image that is made of Debian's packages, where the public one cannot be had. */
export interface Recipe {
  /** Begins the name; each clone has a tag of its own behind it, so that one clone's can be removed. */
  prefix: string;
  publicImage: string;
  /** mmdebstrap's: only the packages' files, or a system that apt can add packages to. */
  variant: "extract" | "apt";
  packages: string[];
  /** mmdebstrap's further options: hooks that add this machine's files. */
  hooks: string[];
  /** As `docker import --change` takes them: nothing that the scoring image would not want to inherit. */
  changes: string[];
  /** What the hooks add, where clones that hold the same in different places must share one archive. */
  content: string[];
}

/** Name of a clone's image of this content. */
export function referenceOf(recipe: Recipe, cloneTag: string): string {
  return `${recipe.prefix}${cloneTag}:${hashOf(recipe)}`;
}

function hashOf({ variant, packages, changes, content }: Recipe): string {
  const made = JSON.stringify({ suite, variant, packages, changes, content, arch: process.arch });
  return createHash("sha256").update(made).digest("hex").slice(0, 12);
}

/**
 * Makes the image, or names another clone's, or this one's own.
 *
 * @throws ToolchainError where it cannot be made here.
 */
export async function ensureMadeImage(
  context: Context,
  docker: Docker,
  cloneTag: string,
  recipe: Recipe,
): Promise<string> {
  const reference = referenceOf(recipe, cloneTag);
  if ((await hasImage(docker, reference)) || (await takeOver(docker, reference, recipe))) return reference;
  const archive = await ensureRootFileSystem(context, recipe);
  await withProgress(context.report, `Importing ${reference}`, async () => {
    const [repo, tag] = reference.split(":");
    const stream = await docker.importImage(archive, { repo, tag, changes: recipe.changes });
    await finished(docker, stream);
  });
  return reference;
}

/** Names another clone's image of the same content: what was built on it need not be built again. */
async function takeOver(docker: Docker, reference: string, { prefix }: Recipe): Promise<boolean> {
  const [repo = "", tag] = reference.split(":");
  const filters = JSON.stringify({ reference: [`${prefix}*:${tag}`] });
  const [same] = await docker.listImages({ filters });
  if (!same) return false;
  // 404: gone meanwhile, with the clone.
  await ignoring([404], docker.getImage(same.Id).tag({ repo, tag }));
  return hasImage(docker, reference);
}

/** Removes a clone's images of these prefixes; what other clones made of the same content stays. */
export async function removeMadeImages(docker: Docker, cloneTag: string, prefixes: string[]): Promise<void> {
  const repositories = prefixes.map((prefix) => `${prefix}${cloneTag}`);
  const images = await docker.listImages({ filters: JSON.stringify({ reference: repositories }) });
  for (const tag of images.flatMap((image) => image.RepoTags ?? [])) {
    if (repositories.some((repository) => tag.startsWith(`${repository}:`)))
      await ignoring([404], docker.getImage(tag).remove());
  }
}

async function ensureRootFileSystem(context: Context, recipe: Recipe): Promise<string> {
  const { cacheDirectory, report, signal } = context;
  const { publicImage, variant, packages, hooks } = recipe;
  const archive = join(cacheDirectory, "base-image", `${hashOf(recipe)}.tar`);
  if (existsSync(archive)) return archive;
  return inCache(context, "base-image", "making a base image", async () => {
    if (existsSync(archive)) return archive;
    const mmdebstrap = await ensureMmdebstrap(context, publicImage);
    await mkdir(dirname(archive), { recursive: true });
    const what = `${publicImage} cannot be reached: making a base image with Debian's packages`;
    const include = `--include=${packages.join(",")}`;
    await makeWhole(archive, (made) =>
      withProgress(report, what, async () => {
        const argv = [`--variant=${variant}`, "--format=tar", include, ...hooks, suite, made];
        const built = await run(mmdebstrap, argv, { signal });
        if (built.status === 0) return;
        throw new ToolchainError(
          `mmdebstrap could not make a base image (${lastLines(built.output)}): make ${publicImage} available to the Docker daemon, or Debian's archive to this machine.`,
        );
      }),
    );
    return archive;
  });
}

async function ensureMmdebstrap(context: Context, publicImage: string): Promise<string> {
  const { path } = context;
  const found = findOnPath("mmdebstrap", path);
  if (found) return found;
  if (!(await isDebianRoot(path))) {
    throw new ToolchainError(
      `The Docker daemon cannot pull ${publicImage}, and there is no mmdebstrap to make a base image with: load that image into the daemon (\`docker load\`), or install mmdebstrap.`,
    );
  }
  const what = `${publicImage} cannot be reached: installing mmdebstrap to make a base image`;
  await aptInstall(["mmdebstrap", "debian-archive-keyring"], what, context);
  return findOnPath("mmdebstrap", path) ?? "/usr/bin/mmdebstrap";
}
