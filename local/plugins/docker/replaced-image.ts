import type Dockerode from "dockerode";
import { ignoring } from "../../docker/errors.ts";
import { isOfLocalRegistry, splitReference } from "../../docker/image-reference.ts";

/** The id of the image that has this name now; undefined where none has. */
export async function idOf(docker: Dockerode, imageName: string): Promise<string | undefined> {
  return (await inspect(docker, imageName))?.Id;
}

/**
 * Removes the image that a build has taken its name from, if it is an image of a registry on this machine and nothing
 * else names or uses it. Layers that the new image was built on stay, and with them what makes the next build fast.
 */
export async function removeReplaced(docker: Dockerode, imageName: string, id: string): Promise<void> {
  if (!isOfLocalRegistry(imageName)) return;
  const image = await inspect(docker, id);
  const { repository } = splitReference(imageName);
  const names = [...(image?.RepoTags ?? []), ...(image?.RepoDigests ?? [])];
  if (!image || names.some((name) => !name.startsWith(`${repository}@`))) return;
  // 404: gone meanwhile. 409: a container runs it, or it has several digests; the web app removes what it ran.
  await ignoring([404, 409], docker.getImage(id).remove());
}

function inspect(docker: Dockerode, name: string): Promise<Dockerode.ImageInspectInfo | undefined> {
  return ignoring([404], docker.getImage(name).inspect());
}
