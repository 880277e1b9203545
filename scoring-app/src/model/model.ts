import { badRequest } from "../errors.ts";
import type { Session } from "../runtime/runtime.ts";
import { encodeRows, type Feed } from "./cells.ts";
import type { ModelDescription } from "./description.ts";
import { flatRows } from "./nesting.ts";
import { type Outcome, Runner } from "./runner.ts";
import { type Gather, type Signature, sampleRow, signatureOf } from "./signature.ts";
import { rowValues } from "./values.ts";

/** What a caller may ask of a classifier; a regressor knows "predict" only. */
export type Method = "predict" | "predict_proba";

export interface LoadOptions {
  /** Overrides model.json's name. */
  name?: string;
  /** Told of every run: rows in it, requests gathered into it. */
  onRun?: (rows: number, requests: number) => void;
  /** Whether requests share runs; "auto", where unset: if rows do not influence each other. */
  gather?: Gather;
  /** Longest wait for the model in ms, after which a request gets 504; a minute unless told. */
  timeoutMs?: number;
}

/** How far a probability may be from 0 to 1 by rounding. */
const ROUNDING = 1e-3;

/** A tabular model, loaded and agreed with its model.json. */
export class Model {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Sample rows that it was found to score as its trainer did. */
  readonly checkedRows: number;
  /** What runs it, in the Open Inference Protocol's word. */
  readonly platform: string;
  readonly signature: Signature;
  readonly #runner: Runner;

  constructor(session: Session, description: ModelDescription, options: LoadOptions = {}) {
    this.name = options.name || description.name || "model";
    this.version = description.version ?? "1";
    this.description = description.description ?? "";
    this.checkedRows = (description.expected ?? description.expected_proba)?.length ?? 0;
    this.platform = session.platform;
    this.signature = signatureOf(session, description);
    this.#runner = new Runner(session, this.signature, options);
  }

  /** One row that the model scores: model.json's sample, else zeros and empty strings, or categories from its file. */
  get sample(): unknown[] {
    return sampleRow(this.signature);
  }

  /**
   * Runs encoded values; every output comes back.
   * @throws ScoringError 400 naming the row whose values the model refuses, e.g. an unknown category.
   */
  run(feed: Feed): Promise<Outcome> {
    return this.#runner.run(feed, (outcome) => outcome);
  }

  /**
   * Scores rows, each an array with a cell a column.
   * @returns one prediction a row; an array a row for several outputs and for probabilities.
   * @throws ScoringError 400 for rows that do not fit the model.
   */
  async predict(rows: unknown[], method: Method = "predict"): Promise<unknown[]> {
    return this.queue(rows, method);
  }

  /** As `predict`, one promise cheaper: what it refuses, it throws at once. */
  queue(rows: unknown[], method: Method): Promise<unknown[]> {
    const { inputs, width } = this.signature;
    if (method === "predict_proba" && this.signature.probabilities.length === 0)
      throw this.#noProbabilities();
    const feed = encodeRows(inputs, width, flatRows(inputs, rows));
    if (feed.rows === 0) return Promise.resolve([]);
    return method === "predict"
      ? this.queueFeed(feed)
      : this.#runner.run(feed, (outcome) => this.probabilities(outcome));
  }

  /** Predictions for rows that are encoded: at least one. */
  queueFeed(feed: Feed): Promise<unknown[]> {
    return this.#runner.run(feed, (outcome) => this.#predictions(outcome));
  }

  /** A value a row, or an array of them where the model has several outputs. */
  #predictions(outcome: Outcome): unknown[] {
    const { predictions } = this.signature;
    if (predictions.length === 1) return rowValues(outcome, predictions[0]!);
    const parts = predictions.map((output) => rowValues(outcome, output));
    return parts[0]!.map((_, row) => parts.map((part) => part[row]));
  }

  /** An array a row. Converters also name distances and decision values so: these are never answered as probabilities. */
  probabilities(outcome: Outcome): unknown[] {
    const { outputs, probabilities } = this.signature;
    const parts = probabilities.map((output) => rowValues(outcome, output, true) as number[][]);
    const rows =
      parts.length === 1 ? parts[0]! : parts[0]!.map((_, row) => parts.flatMap((part) => part[row]!));
    const row = rows.findIndex((cells) => cells.some((cell) => cell < -ROUNDING || cell > 1 + ROUNDING));
    if (row === -1) return rows;
    const { name } = outputs[probabilities[0]!]!;
    throw this.#noProbabilities(
      `: output "${name}" has other values, as [${rows[row]!.join(", ")}] for row ${row}`,
    );
  }

  #noProbabilities(reason = ""): Error {
    return badRequest(
      `model "${this.name}" is not a classifier with probabilities: method predict_proba is not there${reason}`,
    );
  }
}
