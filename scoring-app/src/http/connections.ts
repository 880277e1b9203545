import type { Socket } from "node:net";

/** Bytes that a connection had carried when they last were seen to change, and when that was. */
interface Seen {
  bytes: number;
  at: number;
}

/**
 * The open connections of a server, and since when nothing has moved on them. One look at all of them now and then, instead of a timer that
 * Node's `server.timeout` sets anew at every read and write. Times are in ms, as performance.now() tells them.
 */
export class OpenConnections {
  readonly #seen = new Map<Socket, Seen>();

  get size(): number {
    return this.#seen.size;
  }

  add(socket: Socket, now: number): void {
    this.#seen.set(socket, { bytes: 0, at: now });
    socket.once("close", () => this.#seen.delete(socket));
  }

  /** Closes those on which nothing was seen to move for `limit` ms. */
  closeIdle(limit: number, now: number): void {
    for (const [socket, seen] of this.#seen) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      // Bytes count as written when they are queued: while a client reads slowly, Node's own timer sees them drain.
      const draining = socket.writableLength > 0;
      if (draining !== (socket.timeout === limit)) socket.setTimeout(draining ? limit : 0);
      if (bytes !== seen.bytes || draining) {
        seen.bytes = bytes;
        seen.at = now;
      } else if (now - seen.at > limit) socket.destroy();
    }
  }
}
