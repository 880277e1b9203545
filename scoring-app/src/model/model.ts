import "./telemetry.ts";
import { access, constants, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { badRequest, messageOf } from "../errors.ts";
import { encodeRows, type Feed } from "./cells.ts";
import { type ModelDescription, readDescription } from "./description.ts";
import { firstCategories, hasZipMap } from "./onnx-file.ts";
import { type ModelOutput, servedOutputs } from "./outputs.ts";
import { type Outcome, Runner } from "./runner.ts";
import { settleRows, settleSample } from "./sample.ts";
import { type Signature, signatureOf } from "./signature.ts";
import { rowValues } from "./values.ts";

/** What a caller may ask of a classifier; a regressor knows "predict" only. */
export type Method = "predict" | "predict_proba";

export interface LoadOptions {
  /** Overrides model.json's name. */
  name?: string;
  /** Told of every run: rows in it, requests gathered into it. */
  onRun?: (rows: number, requests: number) => void;
  /** Longest wait for the model in ms, after which a request gets 504; a minute unless told. */
  timeoutMs?: number;
}

/** How far a probability may be from 0 to 1 by rounding. */
const ROUNDING = 1e-3;

/** A tabular ONNX model, loaded and agreed with its model.json. */
export class Model {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly signature: Signature;
  readonly #runner: Runner;

  constructor(
    session: InferenceSession,
    outputs: ModelOutput[],
    description: ModelDescription,
    options: LoadOptions = {},
  ) {
    this.name = options.name || description.name || "model";
    this.version = description.version ?? "1";
    this.description = description.description ?? "";
    this.signature = signatureOf(session, outputs, description);
    this.#runner = new Runner(session, this.signature, options);
  }

  /** One row that the model scores: model.json's sample, else zeros and empty strings. */
  get sample(): unknown[] {
    return this.signature.inputs.flatMap((input) => input.sample);
  }

  /**
   * Runs encoded values; every output comes back.
   * @throws ScoringError 400 naming the row whose values an operator refuses, e.g. an unknown category.
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
    const feed = encodeRows(inputs, width, rows);
    if (feed.rows === 0) return Promise.resolve([]);
    return method === "predict"
      ? this.queueFeed(feed)
      : this.#runner.run(feed, (outcome) => this.#probabilities(outcome));
  }

  /** Predictions for rows that are encoded: at least one. */
  queueFeed(feed: Feed): Promise<unknown[]> {
    return this.#runner.run(feed, (outcome) => rowValues(outcome, this.signature.prediction));
  }

  /** An array a row. Converters also name distances and decision values so: these are never answered as probabilities. */
  #probabilities(outcome: Outcome): unknown[] {
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

/** Names the fault of a model file in one line. */
function loadError(path: string, error: unknown): Error {
  // What ONNX Runtime says of its own sources tells nobody anything.
  const message = messageOf(error)
    .replaceAll(/\s+/g, " ")
    .replace(/\/onnxruntime_src\/\S+ .*?\)(?: const)? (?=[A-Z])/, "")
    .replace(/^Load model from \S+ failed: ?/, "")
    .trim();
  if (/opset/i.test(message))
    return new Error(`${path}: operator set not supported by ONNX Runtime: ${message}`);
  if (/protobuf|not have a graph/i.test(message)) return new Error(`${path} is not an ONNX file: ${message}`);
  return new Error(`${path} cannot be loaded: ${message}`);
}

/** @throws Error where there is no file that can be read. */
async function checkFile(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${path}: ${messageOf(error)}`);
    throw new Error(`${path} does not exist; AZUREML_MODEL_DIR names the folder that holds model.onnx`);
  }
  if (!(await stat(path)).isFile()) throw new Error(`${path} is not a file`);
}

/**
 * Loads FOLDER/model.onnx and, where it is there, FOLDER/model.json.
 * @throws Error that says in one line what is wrong with which file.
 */
export async function loadModel(folder: string, options: LoadOptions = {}): Promise<Model> {
  const path = join(folder, "model.onnx");
  const description = await readDescription(folder);
  await checkFile(path);
  let session: InferenceSession;
  try {
    // By its path, so that tensors in files beside it are found. One thread: requests are gathered into one run, and
    // WORKER_COUNT is how more cores are used. ONNX Runtime throws what it would log.
    session = await InferenceSession.create(path, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      enableCpuMemArena: false,
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw loadError(path, error);
  }
  const isTable = session.outputMetadata.every(({ isTensor }) => isTensor);
  const outputs = servedOutputs(session.outputMetadata, !isTable && hasZipMap(await readFile(path)));
  // The metrics count what is asked for, not what is tried here.
  let settled = false;
  const onRun: LoadOptions["onRun"] = (rows, requests) => {
    if (settled) options.onRun?.(rows, requests);
  };
  const model = new Model(session, outputs, description, { ...options, onRun });
  await settleSample(model, async () => firstCategories(await readFile(path)));
  await settleRows(model);
  settled = true;
  return model;
}
