import type { EventLoopUtilization } from "node:perf_hooks";
import { ScoringError } from "../errors.ts";
import type { Settings } from "../settings.ts";

/** Seconds after which a refused client may come back: the queue empties in about that time. */
const RETRY_AFTER = 1;
/** How often the cost of a request is measured, and the weight of what was measured before. */
const EVERY_MS = 100;
const FADE = 0.7;
/** Share of the time in which a busy event loop works or waits for its core. */
const BUSY = 0.9;

/** Who asks. */
export interface Client {
  /** Undefined where it is not one client's. */
  ownConnection: object | undefined;
}

/** The event loop's time since its start: `active` is what it worked, or was kept from working by others on its core. */
export type LoopClock = () => Pick<EventLoopUtilization, "active" | "idle">;

/**
 * Decides which requests are taken: those that will be answered within MAX_QUEUE_MS of their coming. What a request costs is measured while the
 * event loop is busy. At other times much of it is the cost of waking up, which many requests share: it can only
 * prove that they are cheaper than was thought.
 */
export class Admission {
  /** Requests whose body is read and that are not yet answered. */
  pending = 0;
  /** Bytes of bodies that are held. */
  bytes = 0;
  readonly #settings: Settings;
  readonly #clock: LoopClock;
  #limit: number;
  /** Milliseconds of the event loop that a request takes, as far as is known. */
  #cost = 0;
  /** The same, as the measurement before showed it. */
  #costBefore = 0;
  /** Requests answered since the last measurement. */
  #answered = 0;
  #measured = 0;
  #since = { active: 0, idle: 0 };
  /** When connections were refused. */
  readonly #refused = new WeakMap<object, number>();

  constructor(settings: Settings, clock: LoopClock = () => performance.eventLoopUtilization()) {
    this.#settings = settings;
    this.#clock = clock;
    this.#limit = settings.maxQueue;
    this.reset(performance.now());
  }

  /** Requests that may be under way at present. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Takes a request or refuses it. A request on a connection that was refused, and did not wait for Retry-After, counts as waiting
   * since then: so long it may have been left unread.
   * @param now as performance.now() tells it
   * @throws ScoringError 429
   */
  check(now: number, { ownConnection }: Client): void {
    if (now - this.#measured > EVERY_MS) this.#measure(now);
    const { limit, pending } = this;
    if (pending === 0) return;
    const since = now - ((ownConnection && this.#refused.get(ownConnection)) ?? Number.NEGATIVE_INFINITY);
    const waited = since < 1000 * RETRY_AFTER ? since : 0;
    if (pending < limit && waited + pending * this.#cost <= this.#settings.maxQueueMs) return;
    if (ownConnection) this.#refused.set(ownConnection, now);
    const reason = `${pending} requests are under way (MAX_QUEUE, MAX_QUEUE_MS)`;
    throw new ScoringError(429, `${reason}; try again`, RETRY_AFTER);
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

  /** A request's body is read: its work begins. */
  begin(): void {
    this.pending++;
  }

  /** A request's work has ended, well or not. */
  end(): void {
    this.pending--;
    this.#answered++;
  }

  /** Measures from now on: what came before, e.g. the start of the app, tells nothing. */
  reset(now: number): void {
    this.#answered = 0;
    this.#measured = now;
    this.#since = this.#clock();
  }

  #measure(now: number): void {
    const { active, idle } = this.#clock();
    const work = active - this.#since.active;
    const busy = work > BUSY * (work + idle - this.#since.idle);
    // A single run may take longer than all that.
    if (this.#answered === 0 && busy) return;
    const cost = this.#answered > 0 ? work / this.#answered : this.#costBefore;
    this.reset(now);
    // What a single measurement shows may be anything: the start of something else, or a pause of the machine.
    if (busy) this.#cost = FADE * this.#cost + (1 - FADE) * Math.min(cost, 2 * this.#costBefore);
    else if (cost < this.#cost) this.#cost = cost;
    this.#costBefore = cost;
    const { maxQueue, maxQueueMs } = this.#settings;
    this.#limit = Math.min(maxQueue, Math.max(1, Math.floor(maxQueueMs / this.#cost)));
  }
}
