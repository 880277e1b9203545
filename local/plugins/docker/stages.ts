import type Dockerode from "dockerode";
import { isOfLocalRegistry, splitReference } from "../../docker/image-reference.ts";
import { idOf, removeReplaced } from "./replaced-image.ts";

/**
 * Gives the images that a build's earlier stages left on the daemon, which make the next build fast, a name of the
 * registry on this machine that the build was for: they go with it, or when another build takes the name.
 */
export async function nameStages(docker: Dockerode, imageName: string, ids: string[]): Promise<void> {
  if (!isOfLocalRegistry(imageName)) return;
  const { repository, tag } = splitReference(imageName);
  for (const [index, id] of ids.entries()) {
    const stage = `${tag}-stage-${index}`;
    const replaced = await idOf(docker, `${repository}:${stage}`);
    await docker.getImage(id).tag({ repo: repository, tag: stage });
    if (replaced && replaced !== id) await removeReplaced(docker, imageName, replaced);
  }
}
