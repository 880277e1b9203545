import type Dockerode from "dockerode";
import { ignoring } from "../../../docker/errors.ts";

/** No daemon, or one that this user may not use: then it has no images that we could untag either. */
const unreachable = ["ENOENT", "ECONNREFUSED", "EACCES"];

/**
 * Removes every tag and digest reference that names `loginServer` from the Docker daemon; images that have other
 * references, and those that containers use, stay.
 */
export async function removeImageReferences(
  docker: Dockerode,
  loginServer: string,
  log: (line: string) => void,
): Promise<void> {
  let references: string[];
  try {
    references = await referencesTo(docker, loginServer);
  } catch (error) {
    if (!unreachable.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    log(
      `The Docker daemon cannot be reached, so images of ${loginServer} are not untagged: ${(error as Error).message}`,
    );
    return;
  }
  for (const reference of references) {
    // 404: gone with the reference before. 409: untagged, and the image stays as a running container needs it.
    await ignoring([404, 409], docker.getImage(reference).remove({ force: true }));
  }
  const left = await referencesTo(docker, loginServer);
  if (left.length > 0) throw new Error(`Docker did not remove ${left.join(", ")}.`);
}

async function referencesTo(docker: Dockerode, loginServer: string): Promise<string[]> {
  const images = await docker.listImages();
  return images
    .flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])])
    .filter((reference) => reference.startsWith(`${loginServer}/`));
}
