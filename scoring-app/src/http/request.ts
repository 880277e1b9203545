import { IncomingMessage } from "node:http";

/**
 * A request that can keep its body as it came. Nearly every body arrives in one piece, and then needs little of a stream's
 * buffers, events and ticks, which cost a tenth of a request. Unless asked to, and for other bodies, it is Node's own.
 * Of a kept one Node's parser holds the head until the connection's next request.
 */
export class ScoringRequest extends IncomingMessage {
  /** Bytes of the piece to keep; NaN is no piece's. */
  #length = Number.NaN;
  #whole: Buffer | undefined;
  #kept = false;

  /** From now on a piece of `length` bytes, the whole body, is kept for `takeWhole`; others are streamed. */
  keepWhole(length: number): void {
    this.#length = length;
  }

  /** The body, if it came in one piece; else what comes from now on is streamed. */
  takeWhole(): Buffer | undefined {
    this.#length = Number.NaN;
    const whole = this.#whole;
    this.#whole = undefined;
    return whole;
  }

  /** Node's parser calls this with each piece of the body, and with null after the last. */
  override push(piece: Buffer | null): boolean {
    if (this.#kept) return true;
    if (piece === null || piece.length !== this.#length) return super.push(piece);
    this.#whole = piece;
    this.#kept = true;
    return true;
  }

  /** Whether the body was kept: as a stream the request then never ends, and closes only if the connection breaks. */
  get kept(): boolean {
    return this.#kept;
  }
}
