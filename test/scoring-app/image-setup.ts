import { join } from "node:path";
import { removeImageReferences } from "../../local/azure/container-registry/runtime/images.ts";
import { buildImage } from "../../local/plugins/docker/build.ts";
import { ensureBaseImage, removeBaseImage } from "../../local/setup/base-image.ts";
import { dockerClient, findDockerDaemon } from "../../local/setup/docker.ts";
import { cloneTag } from "../../local/setup/prepare.ts";
import { cacheDirectory, repository, stateDirectory } from "../../local/system/clone.ts";

/**
 * Vitest's globalSetup: builds the scoring image once and keeps it until the last test, so that every later build
 * finds the layers of what it has not changed, whichever clone it is in.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const daemon = await findDockerDaemon(cacheDirectory);
  if (!daemon) throw new Error("No Docker daemon answers.");
  const docker = dockerClient(daemon);
  const tag = cloneTag(join(stateDirectory, "tests", "image"));
  // Named like an image of a local registry, as a deployment's is: the build's stages then have names too.
  const registry = `localhost:1/${tag}`;
  const context = {
    report: () => {},
    cacheDirectory,
    path: process.env.PATH ?? "",
    signal: new AbortController().signal,
  };
  const base = await ensureBaseImage(context, docker, tag);
  const build = {
    context: "scoring-app",
    dockerfile: "scoring-app/Dockerfile",
    platform: "linux/amd64",
    ...(base && { args: { BASE_IMAGE: base } }),
  };
  await buildImage(docker, repository, { imageName: `${registry}/scoring-app:built`, build }, () => {});
  return async () => {
    await removeImageReferences(docker, registry, () => {});
    await removeBaseImage(docker, tag);
  };
}
