import { MEND, type Starts, startsAfter } from "./container-starts";

/** The last lines of a web app's container log, and Azure's own time in milliseconds. */
export interface LogAnswer {
  text: string;
  time: number;
}

/** Failed starts that decide. */
const FAILURES = 3;
/** Milliseconds: after a failure the platform starts again within this time, or no more. */
const NEXT_START = 120_000;
/** Milliseconds that a write may take to show in the log. */
const SETTLE = 5_000;
/** Milliseconds: so long after a start, a revision that answers is the one that was started, whatever the log has lost. */
const STARTED = 30_000;

/** What a web app's container log says of this update. It may be unreadable: then it decides nothing. */
export class ContainerLog {
  /** Why it could not be read the last time. */
  problem: string | undefined;
  #known = new Set<string>();
  #starts: Starts = { failures: 0 };
  /** When these were other ones. */
  #since = 0;
  /** Milliseconds since the last write. */
  #age = Number.NaN;

  /** Reads it. Returns what is new: since the last write (Azure's time), the first reading (`now` is 0), and the last one. */
  async read(get: () => Promise<LogAnswer>, written: number, now: number): Promise<string[]> {
    const answer = await get().catch((error: Error) => error);
    this.problem = answer instanceof Error ? answer.message : undefined;
    if (answer instanceof Error) return [];
    const { text, time } = answer;
    const from = Math.max(written, time - now || 0);
    // A line without a time belongs to the one before.
    const entries = text.split(/\r?\n(?=\d{4}-\d\d-\d\d[T ])/).map((entry) => entry.trimEnd());
    const timeOf = (entry: string) => Date.parse(`${entry.slice(0, 23)}Z`);
    const fresh = entries.filter((entry) => timeOf(entry) >= from && !this.#known.has(entry));
    const { failures, last } = this.#starts;
    // What failed before may be mended by now; where it is not, one more failure decides.
    if (this.#known.size === 0 && from > written) {
      const earlier = entries.filter((entry) => timeOf(entry) >= written);
      this.#starts = startsAfter(this.#starts, earlier);
      this.#starts.failures = this.#starts.last === "failed" ? FAILURES - 1 : 0;
    } else this.#starts = startsAfter(this.#starts, fresh);
    if (this.#starts.last !== last || this.#starts.failures !== failures) this.#since = now;
    this.#known = new Set(entries);
    this.#age = time - written;
    return fresh;
  }

  /** Why waiting cannot help any more; completes "The web app is". */
  verdict(now: number): string | undefined {
    const { failures, last, remedy = MEND } = this.#starts;
    const fault = (platform: string) => `not starting: the platform has ${platform}; ${remedy}`;
    if (failures >= FAILURES && last !== "running") return fault(`failed to start it ${failures} times`);
    if (last === "blocked") return fault("stopped trying to start it");
    if (last !== "failed" || this.problem || now - this.#since < NEXT_START) return undefined;
    return fault("failed to start it and has not tried again for two minutes");
  }

  /** Whether a container is being replaced by one of the same revision, as after another image was set in between. */
  replacing(now: number): boolean {
    const { last } = this.#starts;
    if (this.problem || last === "running") return false;
    return last ? last !== "starting" || now - this.#since < STARTED : this.#age < SETTLE;
  }
}
