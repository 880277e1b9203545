import "./telemetry.ts";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { messageOf } from "../../errors.ts";
import {
  type DeclaredTensor,
  type KnownValues,
  RefusedValues,
  type Session,
  type Tensor,
} from "../runtime.ts";
import { categoriesOf } from "./categories.ts";
import { keyOf, type ModelFile } from "./graph.ts";
import { dependences } from "./independence.ts";
import { servedOutputs } from "./outputs.ts";
import { takeOutZipMaps } from "./zip-map.ts";

const FILE = "model.onnx";

/** Operators of which ONNX Runtime computes one row by another kernel; of large sums the difference may be far more than rounding is. */
const ONE_ROW_KERNELS = ["LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor"].map(
  (operator) => `ai.onnx.ml.${operator}`,
);

/** Opens FOLDER/model.onnx with ONNX Runtime. The file is read once, whatever is asked of it. */
export async function openOnnx(folder: string): Promise<Session> {
  const path = join(folder, FILE);
  const bytes = await readModel(path);
  try {
    const graph = await readGraph(path, bytes);
    return new OnnxSession(await createSession(path, bytes), graph);
  } finally {
    release(bytes);
  }
}

/** Gives a file's memory back at once: the garbage collector leaves hundreds of MB lying until it has another reason to run. */
function release({ buffer, byteLength }: Buffer): void {
  // Small ones share a buffer.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** @throws Error where there is no file that can be read. */
async function readModel(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EISDIR") throw new Error(`${path} is not a file`);
    if (code !== "ENOENT") throw new Error(`${path}: ${messageOf(error)}`);
    throw new Error(`${path} does not exist; AZUREML_MODEL_DIR names the folder that holds model.onnx`);
  }
}

async function readGraph(path: string, bytes: Buffer): Promise<ModelFile> {
  try {
    return takeOutZipMaps(bytes);
  } catch (error) {
    // ONNX Runtime knows better what is wrong with a file.
    await createSession(path, bytes);
    throw error;
  }
}

async function createSession(path: string, bytes: Buffer): Promise<InferenceSession> {
  try {
    // One thread: requests are gathered into one run, and WORKER_COUNT is how more cores are used. ONNX Runtime throws what it
    // would log.
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      enableCpuMemArena: false,
      logSeverityLevel: 4,
      // Where tensors are that the file says to be in files beside it.
      extra: { session: { model_external_initializers_file_folder_path: resolve(path, "..") } },
    });
  } catch (error) {
    throw loadError(path, error);
  }
}

/** Names the fault of a model file in one line. */
function loadError(path: string, error: unknown): Error {
  // What ONNX Runtime says of its own sources tells nobody anything.
  const message = messageOf(error)
    .replaceAll(/\s+/g, " ")
    .replace(/\/onnxruntime_src\/\S+ .*?\)(?: const)? (?=[A-Z])/, "")
    .trim();
  if (/opset/i.test(message))
    return new Error(`${path}: operator set not supported by ONNX Runtime: ${message}`);
  if (/protobuf|not have a graph|data pointer is null/i.test(message))
    return new Error(`${path} is not an ONNX file: ${message}`);
  return new Error(`${path} cannot be loaded: ${message}`);
}

class OnnxSession implements Session {
  readonly file = FILE;
  readonly platform = "onnx_onnxv1";
  readonly inputs: DeclaredTensor[];
  readonly outputs: DeclaredTensor[];
  readonly mixes: (string | undefined)[];
  readonly addsOneRowOtherwise: boolean;
  readonly knownValues: KnownValues[];
  readonly #session: InferenceSession;
  readonly #asked: string[];

  constructor(session: InferenceSession, graph: ModelFile) {
    this.#session = session;
    this.inputs = session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`${FILE}: input "${input.name}" is not a tensor`);
      return input;
    });
    const dependence = dependences(graph, this.inputs, session.outputNames);
    this.outputs = servedOutputs(session.outputMetadata, dependence);
    const half = [...this.inputs, ...this.outputs].find(({ type }) => type === "float16");
    if (half && !("Float16Array" in globalThis)) {
      throw new Error(`${FILE}: "${half.name}" has type float16, which needs Node 24 or newer`);
    }
    this.knownValues = categoriesOf(
      graph,
      new Map(this.inputs.map(({ name, shape }) => [name, widthOf(shape)])),
    );
    this.#asked = this.outputs.map(({ name }) => name);
    this.mixes = this.#asked.map((name) => dependence.get(name)?.mixes);
    this.addsOneRowOtherwise = graph.nodes.some((node) => ONE_ROW_KERNELS.includes(keyOf(node)));
  }

  async run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const feeds: Record<string, OnnxTensor> = {};
    for (let i = 0; i < inputs.length; i++) {
      const { type, data, dims } = inputs[i]!;
      feeds[this.inputs[i]!.name] =
        type === "float16"
          ? halves(data as Float16Array, dims)
          : new OnnxTensor(type as "float32", data as Float32Array, dims);
    }
    try {
      const results = await this.#session.run(feeds, this.#asked);
      return this.#asked.map((name) => results[name] as Tensor);
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }
}

/** Columns of a table. */
function widthOf([, columns = 1, ...others]: readonly (number | string)[]): number | undefined {
  return typeof columns === "number" && others.length === 0 ? columns : undefined;
}

/**
 * A tensor of float16 as ONNX Runtime 1.30 takes it: its class makes a Float16Array of everything, which its binding reads as empty
 * (https://github.com/microsoft/onnxruntime/pull/32323).
 */
function halves({ buffer, byteOffset, length }: Float16Array, dims: readonly number[]): OnnxTensor {
  const data = new Uint16Array(buffer, byteOffset, length);
  return { type: "float16", data, dims, location: "cpu" } as unknown as OnnxTensor;
}

/** What an operator says of values that it refuses; undefined for any other failure. */
function refusalOf(error: unknown): RefusedValues | undefined {
  const found = /while running (\w+) node\. Name:'(.*?)' Status Message: (.*)/s.exec(messageOf(error));
  if (!found || /alloc/i.test(found[3]!)) return undefined;
  return new RefusedValues(`${found[3]!.trim()} (${found[1]} "${found[2]}")`);
}
