import type { InferenceSession } from "onnxruntime-node";
import { Tensor } from "onnxruntime-node";
import { type Feed, joinFeeds } from "./cells.ts";
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
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** Rows gathered into one run at most; a single larger request still runs whole. */
const GATHERED_ROWS = 4096;

/** Ends when the event loop has looked once for what has arrived. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Runs a model. The requests of two turns of the event loop are gathered into one run (after one turn, of 16 clients that
 * wait for their answers only a part has sent the next request): the cost of a run is nearly the same for one row as for a
 * hundred, and rows of a table do not influence each other. Between two runs the loop gets its turn, so that long runs keep
 * nobody waiting for a refusal or a health check.
 */
export class Runner {
  readonly #session: InferenceSession;
  readonly #signature: Signature;
  readonly #names: string[];
  readonly #onRun: (rows: number, requests: number) => void;
  readonly #jobs: Job[] = [];
  #running = false;

  constructor(
    session: InferenceSession,
    signature: Signature,
    onRun: (rows: number, requests: number) => void = () => {},
  ) {
    this.#session = session;
    this.#signature = signature;
    this.#names = signature.outputs.map(({ name }) => name);
    this.#onRun = onRun;
  }

  /** @throws what ONNX Runtime throws for this feed alone; a neighbour's failure is not passed on. */
  run(feed: Feed): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ feed, resolve, reject });
      if (!this.#running) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    await turn();
    while (this.#jobs.length > 0) {
      await turn();
      await this.#runJobs(this.#next());
    }
    this.#running = false;
  }

  /** The oldest jobs that go into one run together, at least one. */
  #next(): Job[] {
    const limit = Math.min(GATHERED_ROWS, this.#signature.rowsPerRun);
    let rows = 0;
    let count = 0;
    for (const { feed } of this.#jobs) {
      rows += feed.rows;
      if (count > 0 && rows > limit) break;
      count++;
    }
    return this.#jobs.splice(0, count);
  }

  async #runJobs(jobs: Job[]): Promise<void> {
    try {
      const feed = joinFeeds(jobs.map((job) => job.feed));
      const tensors = await this.#runFeed(feed);
      this.#onRun(feed.rows, jobs.length);
      let start = 0;
      for (const job of jobs) {
        job.resolve({ tensors, start, rows: job.feed.rows });
        start += job.feed.rows;
      }
    } catch (error) {
      if (jobs.length === 1) jobs[0]!.reject(error);
      else for (const job of jobs) await this.#runJobs([job]);
    }
  }

  async #runFeed(feed: Feed): Promise<Tensor[]> {
    const { inputs, outputs, rowsPerRun } = this.#signature;
    if (feed.rows > rowsPerRun) return this.#runRowByRow(feed);
    const feeds: Record<string, Tensor> = {};
    for (let i = 0; i < inputs.length; i++) {
      const { name, type, rank, width } = inputs[i]!;
      feeds[name] = new Tensor(type, feed.values[i] as never, rank === 1 ? [feed.rows] : [feed.rows, width]);
    }
    const results = await this.#session.run(feeds, this.#names);
    return outputs.map(({ name }) => {
      const tensor = results[name] as Tensor;
      const [first, second] = tensor.dims;
      // As skl2onnx's discriminant analysis gives its labels.
      if (first === 1 && second === feed.rows && tensor.dims.length === 2 && first !== second) {
        return tensor.reshape([feed.rows, 1]) as Tensor;
      }
      if (tensor.dims[0] !== feed.rows) {
        throw new Error(`model output "${name}" has dimensions [${tensor.dims}] for ${feed.rows} rows`);
      }
      return tensor;
    });
  }

  /** For a model whose batch was fixed to one row when it was converted. */
  async #runRowByRow(feed: Feed): Promise<Tensor[]> {
    const parts: Tensor[][] = [];
    for (let row = 0; row < feed.rows; row++) {
      const values = this.#signature.inputs.map(({ width }, i) =>
        feed.values[i]!.slice(row * width, (row + 1) * width),
      );
      parts.push(await this.#runFeed({ rows: 1, values }));
    }
    return this.#signature.outputs.map((_, output) => {
      const tensors = parts.map((part) => part[output]!);
      const first = tensors[0]!;
      const feeds = tensors.map((tensor) => ({ rows: 1, values: [tensor.data as never] }));
      return new Tensor(first.type, joinFeeds(feeds).values[0] as never, [feed.rows, ...first.dims.slice(1)]);
    });
  }
}
