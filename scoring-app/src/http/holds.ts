import type { Exchange } from "./exchange.ts";

/** For so long nothing is read from a connection that was refused: who waits for Retry-After, a second, does not notice. */
const SHORTEST_HOLD_MS = 200;
export const LONGEST_HOLD_MS = 900;
/** Bytes of refused bodies that are read and dropped in a millisecond, as far as LONGEST_HOLD_MS allows it. */
const DROPPED_A_MS = 50_000;

/**
 * Bounds what refusing costs. Connections whose client does not wait for Retry-After are read one after another, the later the more
 * they send: the rest of the time is left to requests that were accepted.
 */
export class Holds {
  /** When the last of them is read again. */
  #last = 0;

  hold({ ownConnection, request }: Pick<Exchange, "ownConnection" | "request">): void {
    if (!ownConnection) return;
    const pause = () => {
      const now = performance.now();
      const next = this.#last + Number(request.headers["content-length"] ?? 0) / DROPPED_A_MS;
      this.#last = Math.min(now + LONGEST_HOLD_MS, Math.max(now + SHORTEST_HOLD_MS, next));
      ownConnection.pause();
      setTimeout(() => ownConnection.resume(), this.#last - now);
    };
    // Not before Node has read the refused body and dropped it: that would resume the connection.
    if (request.closed) pause();
    else request.once("close", pause);
  }
}
