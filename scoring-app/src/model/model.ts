import "./telemetry.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { badRequest, messageOf } from "../errors.ts";
import { encodeRows, type Feed } from "./cells.ts";
import { type ModelDescription, readDescription } from "./description.ts";
import { type Outcome, Runner } from "./runner.ts";
import { type Signature, signatureOf } from "./signature.ts";
import { rowValues } from "./values.ts";

/** What a caller may ask of a classifier; a regressor knows "predict" only. */
export type Method = "predict" | "predict_proba";

export interface LoadOptions {
  /** Overrides model.json's name. */
  name?: string;
  /** Told of every run: rows in it, requests gathered into it. */
  onRun?: (rows: number, requests: number) => void;
}

/** A tabular ONNX model, loaded and agreed with its model.json. */
export class Model {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly signature: Signature;
  readonly #runner: Runner;

  constructor(session: InferenceSession, description: ModelDescription, options: LoadOptions = {}) {
    this.name = options.name || description.name || "model";
    this.version = description.version ?? "1";
    this.description = description.description ?? "";
    this.signature = signatureOf(session, description);
    this.#runner = new Runner(session, this.signature, options.onRun);
  }

  /** One row that the model scores: model.json's sample, else zeros and empty strings. */
  get sample(): unknown[] {
    return this.signature.inputs.flatMap((input) => input.sample);
  }

  /** Runs encoded values; every output comes back. */
  run(feed: Feed): Promise<Outcome> {
    return this.#runner.run(feed);
  }

  /**
   * Scores rows, each an array with a cell a column.
   * @returns one prediction a row; an array a row for several outputs and for probabilities.
   * @throws ScoringError 400 for rows that do not fit the model.
   */
  async predict(rows: unknown[], method: Method = "predict"): Promise<unknown[]> {
    const { inputs, width, prediction, probabilities } = this.signature;
    if (method === "predict_proba" && probabilities === undefined) {
      throw badRequest(
        `model "${this.name}" is not a classifier with probabilities: method predict_proba is not there`,
      );
    }
    const feed = encodeRows(inputs, width, rows);
    if (feed.rows === 0) return [];
    const outcome = await this.run(feed);
    return method === "predict_proba"
      ? rowValues(outcome, probabilities!, true)
      : rowValues(outcome, prediction);
  }
}

/** Names the fault of a model file in one line. */
function loadError(path: string, error: unknown): Error {
  const message = messageOf(error).replaceAll(/\s+/g, " ").trim();
  if (/opset/i.test(message))
    return new Error(`${path}: operator set not supported by ONNX Runtime: ${message}`);
  if (/protobuf|INVALID_PROTOBUF/i.test(message)) return new Error(`${path} is not an ONNX file: ${message}`);
  return new Error(`${path} cannot be loaded: ${message}`);
}

/**
 * Loads FOLDER/model.onnx and, where it is there, FOLDER/model.json.
 * @throws Error that says in one line what is wrong with which file.
 */
export async function loadModel(folder: string, options: LoadOptions = {}): Promise<Model> {
  const path = join(folder, "model.onnx");
  const description = await readDescription(folder);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${path}: ${messageOf(error)}`);
    throw new Error(`${path} does not exist; AZUREML_MODEL_DIR names the folder that holds model.onnx`);
  }
  let session: InferenceSession;
  try {
    // One thread: requests are gathered into one run, and WORKER_COUNT is how more cores are used.
    session = await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      enableCpuMemArena: false,
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw loadError(path, error);
  }
  return new Model(session, description, options);
}
