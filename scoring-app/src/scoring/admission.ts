import { performance } from "node:perf_hooks";
import { ScoringError } from "../errors.ts";
import type { Settings } from "../settings.ts";

/** Seconds after which a refused client may come back: the queue empties in less. */
const RETRY_AFTER = 1;
/** So many requests may always be under way, however long each takes (MAX_QUEUE may set less). */
const LEAST = 24;
/** How often the work of a request is measured, and the weight of what was measured before. */
const EVERY_MS = 100;
const FADE = 0.7;

/**
 * Decides which requests are taken. The queue is as long as what the event loop gets done in MAX_QUEUE_MS, so that a
 * costly model has a short one and a cheap model a long one, and nobody waits long for an answer that is accepted.
 */
export class Admission {
  /** Requests whose body is read and that are not yet answered. */
  pending = 0;
  /** Bytes of bodies that are held. */
  bytes = 0;
  readonly #settings: Settings;
  #limit: number;
  /** Milliseconds that the event loop was busy, not waiting, and the requests answered meanwhile; old ones fade. */
  #work = 0;
  #answers = 0;
  #answered = 0;
  #measured = 0;
  #busyAt = 0;
  readonly #busy: () => number;

  /** @param busy milliseconds that the event loop has been busy since the start of the process. */
  constructor(settings: Settings, busy = () => performance.eventLoopUtilization().active) {
    this.#settings = settings;
    this.#busy = busy;
    this.#limit = settings.maxQueue;
    this.reset(performance.now());
  }

  /** Requests that may be under way at present. */
  get limit(): number {
    return this.#limit;
  }

  /** @throws ScoringError 429 at once where there is no room. @param now as performance.now() tells it */
  check(now: number): void {
    if (now - this.#measured > EVERY_MS) this.#measure(now);
    if (this.pending >= this.#limit) {
      throw new ScoringError(
        429,
        `${this.pending} requests are under way (MAX_QUEUE, MAX_QUEUE_MS); try again`,
        RETRY_AFTER,
      );
    }
  }

  /** Counts bytes of a body that came. @throws ScoringError 503 above MAX_QUEUE_BYTES. */
  hold(bytes: number): void {
    if (this.bytes + bytes > this.#settings.maxQueueBytes) {
      throw new ScoringError(503, `${this.bytes} bytes are queued (MAX_QUEUE_BYTES); try again`, RETRY_AFTER);
    }
    this.bytes += bytes;
  }

  release(bytes: number): void {
    this.bytes -= bytes;
  }

  /** Does a request's work as one that is under way. */
  async during(work: () => Promise<void>): Promise<void> {
    this.pending++;
    try {
      await work();
    } finally {
      this.pending--;
      this.#answered++;
    }
  }

  /** Forgets what was measured, e.g. the start of the app. */
  reset(now: number): void {
    this.#answered = 0;
    this.#measured = now;
    this.#busyAt = this.#busy();
  }

  #measure(now: number): void {
    const { maxQueue, maxQueueMs } = this.#settings;
    if (this.#answered > 0) {
      this.#work = this.#work * FADE + (this.#busy() - this.#busyAt);
      this.#answers = this.#answers * FADE + this.#answered;
      const affordable = Math.floor((maxQueueMs * this.#answers) / this.#work);
      this.#limit = Math.min(maxQueue, Math.max(LEAST, affordable));
    }
    this.reset(now);
  }
}
