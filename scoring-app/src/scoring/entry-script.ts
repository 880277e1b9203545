import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, type ScoringError, scoringTimeout } from "../errors.ts";
import { parseContent, parseQuery } from "../forms/content.ts";
import { data } from "../forms/data.ts";
import { parseJson } from "../forms/json.ts";
import type { Model } from "../model/model.ts";
import { isExact } from "../model/signature.ts";
import { type ScoreRequest, type Scorer, sampleRequest } from "../runtime/runtime.ts";
import { isResponse, Reply, replyOf } from "./reply.ts";

/** What init() is given: everything an entry script needs from the server. */
export interface EntryContext {
  /** AZUREML_MODEL_DIR. */
  modelDirectory: string;
  /** Loads a folder's model.onnx (the model directory's unless told) and serves it under /v2/models too. */
  loadModel(folder?: string, name?: string): Promise<Model>;
  /** Scores a request body in any of the documented forms. */
  score(model: Model, body: unknown): Promise<unknown>;
  /** An error that is answered with 400 and this message; any other error is a 500 without details. */
  badRequest(message: string): ScoringError;
}

/** About the request that run() serves. */
export type EntryRequest = ScoreRequest;

/** A module with these exports is an entry script. */
export interface EntryScript {
  init(context: EntryContext): void | Promise<void>;
  /**
   * @param data by the request's Content-Type: parsed JSON (an integer that a double does not hold is a BigInt, if a model has
   * inputs of int64), a CsvTable, or for any other the bytes, a Buffer. Of text/plain, and where there is no type, the parsed JSON
   * where it is JSON, else the bytes. The query of a GET, as an object.
   * @param request its id, headers and bytes.
   * @returns what is answered as JSON with status 200, or a Response (of the Fetch API) with status, headers and body.
   */
  run(data: unknown, request: EntryRequest): unknown | Promise<unknown>;
  /** A request body for the readiness check, /swagger.json and /docs; the first model's sample row unless given. */
  sample?: unknown;
}

/** Whether a result is waited for: libraries have promises of their own. */
const isPromise = (result: unknown): result is PromiseLike<unknown> =>
  typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function";

/** Answers /score with somebody's own run(), which may wait for anything: it is given SCORING_TIMEOUT_MS. */
export class ServedScript implements Scorer {
  readonly sample: unknown;
  readonly #script: EntryScript;
  readonly #timeoutMs: number;
  readonly #models: ReadonlyMap<string, Model>;

  /** @param models those that init() has loaded, and perhaps more later. */
  constructor(script: EntryScript, models: ReadonlyMap<string, Model>, timeoutMs: number) {
    const [first] = models.values();
    this.sample = script.sample ?? (first && data.example(first));
    this.#script = script;
    this.#timeoutMs = timeoutMs;
    this.#models = models;
  }

  get #exact(): boolean {
    return [...this.#models.values()].some(({ signature }) => isExact(signature));
  }

  read(body: Buffer, contentType: string | undefined): unknown {
    return parseContent(
      contentType,
      body,
      (json) => parseJson(json, this.#exact),
      (bytes) => bytes,
    );
  }

  readQuery(query: string): unknown {
    return parseQuery(query, this.#exact);
  }

  run(body: unknown, request: ScoreRequest): unknown {
    const result = this.#script.run(body, request);
    if (isPromise(result)) {
      return this.#inTime(
        Promise.resolve(result).then((answer) => (isResponse(answer) ? replyOf(answer) : answer)),
      );
    }
    return isResponse(result) ? this.#inTime(replyOf(result)) : result;
  }

  async warmUp(): Promise<void> {
    if (this.sample === undefined) return;
    const answer = await this.run(this.sample, sampleRequest(Buffer.alloc(0)));
    if (answer instanceof Reply && answer.status >= 400)
      throw new Error(
        `run() does not score its sample: it answers ${answer.status}, ${answer.body.toString().slice(0, 300)}`,
      );
  }

  #inTime(result: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(scoringTimeout(this.#timeoutMs)), this.#timeoutMs);
      result.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

/**
 * Imports AZUREML_ENTRY_SCRIPT.
 * @param path relative to the working directory.
 * @throws Error naming the file and what is missing.
 */
export async function importEntryScript(path: string): Promise<EntryScript> {
  const url = pathToFileURL(resolve(path)).href;
  let module: Partial<EntryScript>;
  try {
    const exported = await import(url);
    // What CommonJS exports, Node does not always find by name.
    module = exported.init ? exported : (exported.default ?? {});
  } catch (error) {
    throw new Error(`entry script ${path} cannot be imported: ${messageOf(error)}`);
  }
  for (const name of ["init", "run"] as const) {
    if (typeof module[name] !== "function")
      throw new Error(`entry script ${path} exports no function ${name}()`);
  }
  return module as EntryScript;
}
