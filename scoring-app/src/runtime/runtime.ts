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

/** A model's file, ready to compute. */
export interface Session {
  /** Name of the file, as messages say it. */
  readonly file: string;
  /** The Open Inference Protocol's word for what runs the model. */
  readonly platform: string;
  readonly inputs: readonly DeclaredTensor[];
  /** Outputs that are served: those with a row a row. */
  readonly outputs: readonly DeclaredTensor[];
  /** Values that the file shows to be good ones for some column: tried where the model refuses blanks. */
  readonly knownValues: readonly (string | number)[];
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
}

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
   * @returns the answer, a value that JSON has.
   * @throws ScoringError for what the client did; anything else is a failure of run().
   */
  run(data: unknown, request: ScoreRequest): unknown;
}
