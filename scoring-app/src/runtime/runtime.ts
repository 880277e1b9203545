import type { IncomingHttpHeaders } from "node:http";

/**
 * Where a request becomes a prediction:
 *
 *     routes/score.ts ──► Scorer.read ──► Scorer.run ──► model/ ─────────► Session.run ──► the answer
 *                         (forms/)        (scoring/)     (gathers, checks)  (onnx/)
 *
 * A model's file is opened as a session, which only computes: tensors in, tensors out. A scorer answers /score, with the help of
 * such a model or in any other way. Nothing here knows what computes; onnx/ is the only importer of onnxruntime-node.
 */

export type TensorData =
  | Float32Array
  | Float64Array
  | Float16Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | string[];

/** Values in row order. */
export interface Tensor {
  /** float32, float64, float16, int64, int32, uint8, bool (a byte each), string; outputs may have others. */
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** What a model's file says of a tensor; that of a run may differ, and is right. */
export interface DeclaredTensor {
  readonly name: string;
  readonly type: string;
  /** A dimension that varies has a name, or none. */
  readonly shape: readonly (number | string)[];
}

/** Values that a column is known to take. */
export interface KnownValues {
  /** Name of the input; undefined: some input. */
  readonly input?: string;
  /** Undefined: any column of the input. */
  readonly column?: number | undefined;
  readonly values: readonly (string | number)[];
}

/** A model's file, ready to compute. */
export interface Session {
  /** Name of the file, as messages say it. */
  readonly file: string;
  /** The Open Inference Protocol's word for what runs the model. */
  readonly platform: string;
  readonly inputs: readonly DeclaredTensor[];
  /** Outputs that are served: those with a row a row. */
  readonly outputs: readonly DeclaredTensor[];
  /** For each output, why a row of it may depend on the other rows of a run; undefined where rows are known to keep apart. */
  readonly mixes: readonly (string | undefined)[];
  /** Whether one row alone is known to be added up in another order than several. */
  readonly addsOneRowOtherwise?: boolean;
  /** Values that the file shows to be good ones, e.g. categories: tried where the model refuses blanks. */
  readonly knownValues: readonly KnownValues[];
  /**
   * @param inputs in the order of `inputs`.
   * @returns in the order of `outputs`.
   * @throws RefusedValues where the model computes, but not with these values.
   */
  run(inputs: readonly Tensor[]): Promise<Tensor[]>;
}

/**
 * Opens the model of a folder.
 * @throws Error that says in one line what is wrong with which file.
 */
export type OpenSession = (folder: string) => Promise<Session>;

/** The model refuses values that have the right type, e.g. an unknown category; the message says why. */
export class RefusedValues extends Error {}

/** About the request that is scored. */
export interface ScoreRequest {
  requestId: string;
  traceparent: string | undefined;
  method: string;
  path: string;
  /** Text after the question mark. */
  query: string;
  /** By name in lower case. */
  headers: IncomingHttpHeaders;
  /** Name, value, name, value, as they were sent. */
  rawHeaders: readonly string[];
  /** As it came, or inflated; empty for a GET. */
  body: Buffer;
}

/** The request that the readiness check makes of a sample. */
export const sampleRequest = (body: Buffer, contentType?: string): ScoreRequest => ({
  requestId: "warm-up",
  traceparent: undefined,
  method: "POST",
  path: "/score",
  query: "",
  headers: contentType === undefined ? {} : { "content-type": contentType },
  rawHeaders: contentType === undefined ? [] : ["content-type", contentType],
  body,
});

/** What answers /score. `read` and `run` are apart so that a request's log and headers can tell how long the second takes. */
export interface Scorer {
  /** A body that it scores, parsed: of the readiness check, /swagger.json and /docs. Undefined where none is known. */
  readonly sample: unknown;
  /**
   * @returns what `run` takes.
   * @throws ScoringError where the body cannot be read: 400, or 415 for its Content-Type.
   */
  read(body: Buffer, contentType: string | undefined): unknown;
  /** As `read`, for a GET: the text after the question mark. */
  readQuery(query: string): unknown;
  /**
   * @returns the answer: a value that JSON has, or a Reply (scoring/reply.ts).
   * @throws ScoringError for what the client did; anything else is a failure of run().
   */
  run(data: unknown, request: ScoreRequest): unknown;
  /** Scores the sample, where there is one. @throws Error where that fails. */
  warmUp(): Promise<void>;
  /** Schemas of what it takes and answers, where they are not those of a model. */
  readonly schemas?: { input: Record<string, unknown>; output: Record<string, unknown> } | undefined;
  /** Of /invocations, where it answers that too, as MLflow's server: an example is a body of it. */
  readonly invocations?:
    | { input: Record<string, unknown>; output: Record<string, unknown>; example: unknown }
    | undefined;
  /** What its author has written for /swagger.json, by version: JSON that is sent as it is. */
  readonly documents?: ReadonlyMap<string, string> | undefined;
  /** Whether it serves OPTIONS too. */
  readonly anyMethod?: boolean;
  /** Whether it can score at present; it always can, where undefined. */
  readonly ready?: boolean;
  /** Time in which it was at work, and other time, where that is not the event loop's. */
  readonly clock?: () => { active: number; idle: number };
  /** Ends what it runs. */
  stop?(): Promise<void>;
}
