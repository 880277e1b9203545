import type { Exchange } from "./exchange.ts";

/** For so long nothing is read from a connection that was refused: who waits for Retry-After, a second, does not notice. */
const HELD_MS = { least: 200, most: 900 };
/** Bytes of refused bodies that are read and dropped in a millisecond, as far as HELD_MS allows it. */
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
      this.#last = Math.min(now + HELD_MS.most, Math.max(now + HELD_MS.least, next));
      ownConnection.pause();
      setTimeout(() => ownConnection.resume(), this.#last - now);
    };
    // Not before Node has read the refused body and dropped it: that would resume the connection.
    if (request.closed) pause();
    else request.once("close", pause);
  }
}
