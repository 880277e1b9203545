import type Docker from "dockerode";
import { ignoring } from "../docker/errors.ts";
import { finished } from "../docker/progress.ts";
import { type Report, withProgress } from "../system/report.ts";

/** Seconds within which a registry must say whether it has an image. */
const patience = 15;

/** True when the daemon holds the image. */
export async function hasImage(docker: Docker, reference: string): Promise<boolean> {
  return (await ignoring([404], docker.getImage(reference).inspect())) !== undefined;
}

/** True when the daemon holds the image or its registry, asked through the daemon, has it. */
export async function isAvailable(docker: Docker, reference: string): Promise<boolean> {
  if (await hasImage(docker, reference)) return true;
  try {
    await docker.getImage(reference).distribution({ abortSignal: AbortSignal.timeout(patience * 1000) });
    return true;
  } catch {
    // Whatever the reason (no name server, a proxy's refusal, a limit reached): it cannot be had from there now.
    return false;
  }
}

/** Pulls an image where the daemon does not hold it; false when its registry cannot be reached or refuses. */
export async function pullImage(docker: Docker, reference: string, report: Report): Promise<boolean> {
  if (await hasImage(docker, reference)) return true;
  if (!(await isAvailable(docker, reference))) return false;
  await withProgress(report, `Pulling ${reference}`, async () => {
    await finished(docker, await docker.pull(reference));
  });
  return true;
}
