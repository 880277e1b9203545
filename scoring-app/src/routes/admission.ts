import { ScoringError } from "../errors.ts";
import type { ScoringService } from "../scoring/service.ts";

/** Seconds after which a refused client may come back: the queue empties in less. */
const RETRY_AFTER = 1;

/**
 * Runs work for a request while there is room for it.
 * @throws ScoringError 429 at once when MAX_QUEUE requests are under way.
 */
export async function admitted(service: ScoringService, work: () => Promise<void>): Promise<void> {
  if (service.pending >= service.settings.maxQueue) {
    throw new ScoringError(
      429,
      `${service.pending} requests are under way (MAX_QUEUE); try again`,
      RETRY_AFTER,
    );
  }
  service.pending++;
  try {
    await work();
  } finally {
    service.pending--;
  }
}
