import type Dockerode from "dockerode";
import { isReference, splitReference } from "../../../docker/image-reference.ts";
import { finished } from "../../../docker/progress.ts";
import { dockerMessage, dockerRefusal } from "./docker-error.ts";
import type { RegistryCredentials } from "./registry-credentials.ts";
import type { SiteLog } from "./site-log.ts";

/** A start that failed, its reason already in the platform's log. */
export class StartError extends Error {}

/**
 * Pulls from the registry, with these credentials or none, and writes the platform's lines. A copy on this machine
 * never stands in for a pull that fails.
 *
 * @throws StartError
 */
export async function pullImage(
  docker: Dockerode,
  image: string,
  credentials: RegistryCredentials | undefined,
  log: SiteLog,
  signal: AbortSignal,
): Promise<void> {
  log.platform("INFO", `Pulling image: ${image}`);
  const started = Date.now();
  try {
    const authconfig = credentials ?? {};
    if (!isReference(image)) throw Object.assign(new Error("invalid reference format"), { statusCode: 400 });
    // Of a manifest that it knows by digest, Docker's pull asks the registry nothing, whatever the credentials.
    await docker.getImage(image).distribution({ authconfig } as Dockerode.ImageDistributionOptions);
    const { repository, tag } = splitReference(image);
    const stream = await docker.createImage(authconfig, {
      fromImage: repository,
      tag,
      abortSignal: signal,
    });
    await finished(docker, stream, ({ id = "", status = "" }) => {
      if (/^(Pulling from |Digest: |Status: )/.test(status)) log.platform("INFO", `${id} ${status}`);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const { statusCode, message } = dockerAnswer(error);
    log.platform("ERROR", dockerRefusal(statusCode, message));
    log.platform("ERROR", `Pulling docker image ${image} failed:`);
    log.platform(
      "ERROR",
      "Image pull failed: Verify docker image configuration and credentials (if using private repository)",
    );
    throw new StartError(`Image pull failed: ${message}`, { cause: error });
  }
  const elapsed = Math.round((Date.now() - started) / 1000);
  const minutes = Math.floor(elapsed / 60);
  log.platform("INFO", `Pull Image successful, Time taken: ${minutes} Minutes and ${elapsed % 60} Seconds`);
}

/** Docker's status as .NET names it, and its message. */
function dockerAnswer(error: unknown): { statusCode: string; message: string } {
  const message = dockerMessage(error);
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 404 || /manifest unknown|not found/i.test(message)) {
    return { statusCode: "NotFound", message };
  }
  return { statusCode: statusCode === 400 ? "BadRequest" : "InternalServerError", message };
}
