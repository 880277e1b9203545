import { badRequest, scoringTimeout } from "../errors.ts";
import { RefusedValues, type Session, type Tensor } from "../runtime/runtime.ts";
import { endOfTurn } from "../turn.ts";
import { type Feed, joinFeeds, partOf } from "./cells.ts";
import { runFeed } from "./run.ts";
import type { Signature } from "./signature.ts";

/** The share of one request in a run: `rows` rows of every output tensor from row `start`. */
export interface Outcome {
  /** In the order of the signature's outputs. */
  tensors: Tensor[];
  start: number;
  rows: number;
}

interface Job {
  feed: Feed;
  /** When it came, as performance.now() tells it. */
  at: number;
  take(outcome: Outcome): void;
  reject(error: unknown): void;
}

export interface RunnerOptions {
  /** Told of every run: rows in it, requests gathered into it. */
  onRun?: (rows: number, requests: number) => void;
  /** Longest wait in ms: after it a job is refused with 504 when its turn comes. */
  timeoutMs?: number;
}

/** Rows gathered into one run at most; a single larger request still runs whole. */
const GATHERED_ROWS = 4096;

/** Requests are gathered for so many turns of the event loop at most. */
const MOST_TURNS = 8;

/**
 * Runs a model. The requests of a few turns of the event loop are gathered into one run, where rows of a run do not influence each
 * other: its cost is nearly the same for one row as for a hundred. Between two runs the loop gets its turn, so that long runs keep
 * nobody waiting for a refusal or a health check.
 */
export class Runner {
  readonly #session: Session;
  readonly #signature: Signature;
  readonly #onRun: (rows: number, requests: number) => void;
  readonly #timeoutMs: number;
  readonly #jobs: Job[] = [];
  #running = false;

  constructor(
    session: Session,
    signature: Signature,
    { onRun = () => {}, timeoutMs = 60_000 }: RunnerOptions = {},
  ) {
    this.#session = session;
    this.#signature = signature;
    this.#onRun = onRun;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param pick takes a request's share out of the run.
   * @throws what the session throws for this feed alone (a neighbour's failure is not passed on); ScoringError 400 naming
   * the row whose values the model refuses, e.g. an unknown category.
   */
  run<T>(feed: Feed, pick: (outcome: Outcome) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const take = (outcome: Outcome) => {
        try {
          resolve(pick(outcome));
        } catch (error) {
          reject(error);
        }
      };
      this.#jobs.push({ feed, at: performance.now(), take, reject });
      if (!this.#running) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    while (this.#jobs.length > 0) {
      await this.#gather();
      this.#refuseLate();
      const jobs = this.#jobs.splice(0, this.#fitting());
      if (jobs.length > 0) await this.#runJobs(jobs);
    }
    this.#running = false;
  }

  /** Waits for more jobs until a turn brings none, or the run is full: clients that are answered together come back together. */
  async #gather(): Promise<void> {
    if (this.#signature.alone !== undefined) return endOfTurn();
    let before = 0;
    // What a turn has read becomes jobs in the microtasks of its end: each look at them is after those.
    await undefined;
    for (let turns = 0; turns < MOST_TURNS && this.#jobs.length > before; turns++) {
      before = this.#jobs.length;
      await endOfTurn();
      await undefined;
      if (this.#fitting() < this.#jobs.length) return;
    }
  }

  /** Jobs that have waited too long get nothing but 504; the oldest come first. */
  #refuseLate(): void {
    const latest = performance.now() - this.#timeoutMs;
    while (this.#jobs.length > 0 && this.#jobs[0]!.at < latest) {
      this.#jobs.shift()!.reject(scoringTimeout(this.#timeoutMs));
    }
  }

  /** So many of the oldest jobs go into one run together: at least one, if there is one. */
  #fitting(): number {
    const { rowsPerRun, alone } = this.#signature;
    const limit = alone === undefined ? Math.min(GATHERED_ROWS, rowsPerRun) : 0;
    let rows = 0;
    let count = 0;
    for (const { feed } of this.#jobs) {
      rows += feed.rows;
      if (count > 0 && rows > limit) break;
      count++;
    }
    return count;
  }

  async #runJobs(jobs: Job[]): Promise<void> {
    try {
      const feed = joinFeeds(jobs.map((job) => job.feed));
      const tensors = await this.#runFeed(feed);
      this.#onRun(feed.rows, jobs.length);
      let start = 0;
      for (const job of jobs) {
        job.take({ tensors, start, rows: job.feed.rows });
        start += job.feed.rows;
      }
    } catch (error) {
      if (jobs.length > 1) for (const job of jobs) await this.#runJobs([job]);
      else jobs[0]!.reject(await this.#explained(error, jobs[0]!.feed));
    }
  }

  /** Names the row, where the model refuses its values. */
  async #explained(error: unknown, feed: Feed): Promise<unknown> {
    if (!(error instanceof RefusedValues)) return error;
    return badRequest(
      `row ${await this.#refusedRow(feed)}: the model refuses these values: ${error.message}`,
    );
  }

  /** The first row that a run of a feed fails at; its halves cost as much as one run more. */
  async #refusedRow(feed: Feed): Promise<number> {
    let from = 0;
    let to = feed.rows;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      await this.#runFeed(partOf(feed, from, middle)).then(
        () => {
          from = middle;
        },
        () => {
          to = middle;
        },
      );
    }
    return from;
  }

  #runFeed(feed: Feed): Promise<Tensor[]> {
    const { rows } = feed;
    const odd = this.#signature.evenRows && rows % 2 === 1 && rows < GATHERED_ROWS;
    return runFeed(
      this.#session,
      this.#signature,
      odd ? joinFeeds([feed, partOf(feed, rows - 1, rows)]) : feed,
    );
  }
}
