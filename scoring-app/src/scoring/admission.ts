import { performance } from "node:perf_hooks";
import { ScoringError } from "../errors.ts";
import type { Settings } from "../settings.ts";

/** Seconds after which a refused client may come back: the queue empties in less. */
const RETRY_AFTER = 1;
/** So many requests may always be under way, however long each takes (MAX_QUEUE may set less). */
const LEAST = 24;
/** How often the work of a request is measured, and the weight of a new measurement. */
const EVERY_MS = 100;
const WEIGHT = 0.3;

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
  /** Milliseconds that the event loop is busy for a request; waiting for others is none of it. */
  #work = 0;
  #answered = 0;
  #measured = performance.now();
  #utilization = performance.eventLoopUtilization();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#limit = settings.maxQueue;
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
  reset(): void {
    this.#answered = 0;
    this.#measured = performance.now();
    this.#utilization = performance.eventLoopUtilization();
  }

  #measure(now: number): void {
    const { maxQueue, maxQueueMs } = this.#settings;
    const utilization = performance.eventLoopUtilization();
    if (this.#answered > 0) {
      const work = (utilization.active - this.#utilization.active) / this.#answered;
      this.#work += (work - this.#work) * WEIGHT;
      this.#limit = Math.min(maxQueue, Math.max(LEAST, Math.floor(maxQueueMs / this.#work)));
    }
    this.#answered = 0;
    this.#measured = now;
    this.#utilization = utilization;
  }
}
