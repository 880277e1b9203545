import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, type ScoringError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { scoreBody } from "./forms.ts";

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
export interface EntryRequest {
  requestId: string;
  traceparent: string | undefined;
}

/** A module with these exports is an entry script. */
export interface EntryScript {
  init(context: EntryContext): void | Promise<void>;
  /** @param data the parsed JSON body, the query of a GET as an object, or a CsvTable. */
  run(data: unknown, request: EntryRequest): unknown;
  /** A request body for the readiness check, /swagger.json and /docs; the first model's sample row unless given. */
  sample?: unknown;
}

/** The entry script of an app that has none: serves AZUREML_MODEL_DIR's model. */
export function defaultEntryScript(maxRows: number): EntryScript {
  let model: Model;
  return {
    async init(context) {
      model = await context.loadModel();
    },
    run: (data) => scoreBody(model, data, maxRows),
  };
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
    module = await import(url);
  } catch (error) {
    throw new Error(`entry script ${path} cannot be imported: ${messageOf(error)}`);
  }
  for (const name of ["init", "run"] as const) {
    if (typeof module[name] !== "function")
      throw new Error(`entry script ${path} exports no function ${name}()`);
  }
  return module as EntryScript;
}
