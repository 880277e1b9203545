import { ScoringError } from "../errors.ts";
import type { Settings } from "../settings.ts";

/** Seconds after which a refused client may come back: the queue empties in less. */
const RETRY_AFTER = 1;
/** So many requests may always be under way, however long each takes (MAX_QUEUE may set less). */
const LEAST = 16;
/** How often the work of a request is measured, and the weight of what was measured before. */
const EVERY_MS = 100;
const FADE = 0.7;
/** Shares of the time in which the event loop works: above the one overload begins, below the other it ends. */
const BUSY = 0.9;
const IDLE = 0.5;
const LOAD_FADE = 0.8;

/** Who asks. */
export interface Client {
  /** Undefined where it is not one client's. */
  ownConnection: object | undefined;
}

/** How busy the process is. */
export interface Meter {
  /** Milliseconds of CPU used so far; not of the clock, which runs on while others have the core. */
  cpu(): number;
  /** Share of the time since the last call in which the event loop worked or was kept from working. */
  utilization(): number;
}

function processMeter(): Meter {
  let last = performance.eventLoopUtilization();
  return {
    cpu() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    utilization() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
  };
}

/**
 * Decides which requests are taken. The queue is as long as what MAX_QUEUE_MS of CPU get done, so that a
 * costly model has a short one and a cheap model a long one, and nobody waits long for an answer that is accepted.
 */
export class Admission {
  /** Requests whose body is read and that are not yet answered. */
  pending = 0;
  /** Bytes of bodies that are held. */
  bytes = 0;
  readonly #settings: Settings;
  #limit: number;
  /** Milliseconds of CPU, and the requests answered with them; old ones fade. It begins with many for nothing, since code is slow before it is compiled. */
  #work = 0;
  #answers = 1000;
  #answered = 0;
  #measured = 0;
  #busyAt = 0;
  readonly #meter: Meter;
  #load = 0;
  #overloaded = false;
  /** Connections that were refused, and when they may come back; when the last of them may. */
  readonly #away = new WeakMap<object, number>();
  #lastBack = 0;

  constructor(settings: Settings, meter = processMeter()) {
    this.#settings = settings;
    this.#meter = meter;
    this.#limit = settings.maxQueue;
    this.reset(performance.now());
  }

  /** Requests that may be under way at present. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Takes a request or refuses it: where there is no room and, under overload, where its connection was refused
   * and did not wait for Retry-After; those who hammer would push out those who wait.
   * @param now as performance.now() tells it
   * @throws ScoringError 429
   */
  check(now: number, client: Client): void {
    if (now - this.#measured > EVERY_MS) this.#measure(now);
    const full = this.pending >= this.#limit;
    if (!full && !(this.#overloaded && now < this.#lastBack)) return;
    const connection = client.ownConnection;
    const back = connection && this.#overloaded ? this.#away.get(connection) : undefined;
    if (!full && !(back && now < back)) return;
    if (connection) {
      const later = now + 1000 * RETRY_AFTER;
      this.#away.set(connection, later);
      // The clock of a request whose body came late is behind.
      this.#lastBack = Math.max(this.#lastBack, later);
    }
    // It costs work too: without it a flood of refusals would look like costly requests, and shorten the queue further.
    this.#answered++;
    const reason = full
      ? `${this.pending} requests are under way (MAX_QUEUE, MAX_QUEUE_MS)`
      : "a request on this connection came before Retry-After";
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

  /** Forgets what was measured, e.g. the start of the app. */
  reset(now: number): void {
    this.#answered = 0;
    this.#measured = now;
    this.#busyAt = this.#meter.cpu();
  }

  #measure(now: number): void {
    // Up at once and down slowly: a moment in which nothing came is not the end of a flood.
    this.#load = Math.max(this.#meter.utilization(), this.#load * LOAD_FADE);
    this.#overloaded = this.#load > (this.#overloaded ? IDLE : BUSY);
    const { maxQueue, maxQueueMs } = this.#settings;
    if (this.#answered > 0) {
      this.#work = this.#work * FADE + (this.#meter.cpu() - this.#busyAt);
      this.#answers = this.#answers * FADE + this.#answered;
      const affordable = Math.floor((maxQueueMs * this.#answers) / this.#work);
      this.#limit = Math.min(maxQueue, Math.max(LEAST, affordable));
    }
    this.reset(now);
  }
}
