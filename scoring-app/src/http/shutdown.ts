import type { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { LONGEST_HOLD_MS } from "./holds.ts";

/** A connection that stays idle for so long has nothing under way, not even a request that is left unread after a refusal. */
const IDLE_MS = LONGEST_HOLD_MS + 100;

/**
 * Ends a server without losing a request: no new connections, requests in flight and those that arrive on open
 * connections are answered (with Connection: close), then idle connections are closed.
 * @param graceMs after this the rest is cut.
 * @returns whether everything ended by itself.
 */
export async function drainServer(server: Server, graceMs: number): Promise<boolean> {
  for (const event of ["request", "checkContinue", "checkExpectation"]) {
    server.prependListener(event, (_, response) => response.setHeader("connection", "close"));
  }
  // The close() of the class that http.Server extends: http's own also closes idle connections at once, and with them
  // requests that are on their way (nodejs/node#60617).
  const closed = new Promise<true>((resolve) => NetServer.prototype.close.call(server, () => resolve(true)));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS);
  const ended = await Promise.race([closed, delay(graceMs, false, { ref: false })]);
  clearInterval(idle);
  if (!ended) server.closeAllConnections();
  return ended;
}
