import type { Settings } from "../settings.ts";

/** At least so long an idle connection is kept: App Service's front end keeps one open for four minutes. */
const IDLE_MS = 245_000;
/** And it outlives by so much what a request or a run() may take. */
const IDLE_MARGIN_MS = 5000;

/** Milliseconds after which a connection on which nothing moves is closed. */
export function idleTimeout({ scoringTimeoutMs, requestTimeoutMs }: Settings): number {
  return Math.max(IDLE_MS, Math.max(scoringTimeoutMs, requestTimeoutMs) + IDLE_MARGIN_MS);
}
