import { badRequest } from "../errors.ts";
import { parseJson } from "../forms/json.ts";
import { checkRows } from "../forms/score.ts";
import { type Feed, shown, type Values } from "../model/cells.ts";
import type { Model } from "../model/model.ts";
import { isExact, type ModelInput } from "../model/signature.ts";
import { checkDatatype, fromBytes, fromCells } from "./datatypes.ts";
import { chooseSlots, joinColumns, placeOf } from "./slots.ts";

export interface AskedOutput {
  name: string;
  /** Position in the signature; undefined for a classifier's probabilities, whatever outputs hold them. */
  index: number | undefined;
  /** Whether as binary data. */
  binary: boolean;
}

/** A request of the Open Inference Protocol, checked and encoded. */
export interface InferRequest {
  id: string | undefined;
  feed: Feed;
  /** In the order asked for. */
  outputs: AskedOutput[];
}

type Json = Record<string, unknown>;

/** Some clients send null for what they leave out. */
const isAbsent = (value: unknown) => value === undefined || value === null;

/** @throws ScoringError 400 where the value is no object. */
export function objectAt(value: unknown, where: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw badRequest(`${where}: expected an object, given ${shown(value)}`);
}

const parametersOf = (holder: Json, where: string) =>
  isAbsent(holder.parameters) ? {} : objectAt(holder.parameters, `${where}.parameters`);

function flagOf(parameters: Json, name: string, where: string, fallback: boolean): boolean {
  const value = parameters[name] ?? fallback;
  if (typeof value === "boolean") return value;
  throw badRequest(`${where}.parameters.${name}: expected true or false, given ${shown(value)}`);
}

/** Splits a body with binary data: JSON of `Inference-Header-Content-Length` bytes, then the tensors' bytes. */
function split(body: Buffer, headerLength: string | undefined): { json: Buffer; binary: Buffer } {
  if (headerLength === undefined) return { json: body, binary: body.subarray(body.length) };
  const length = /^\d+$/.test(headerLength) ? Number(headerLength) : Number.NaN;
  if (!(length <= body.length)) {
    throw badRequest(`Inference-Header-Content-Length ${headerLength}: the body has ${body.length} bytes`);
  }
  return { json: body.subarray(0, length), binary: body.subarray(length) };
}

/** Rows of an input's shape. */
function rowsOf({ dims, width }: ModelInput, shape: unknown, where: string): number {
  // A column may have its dimension or not.
  const trailing = dims.length === 0 ? [width] : dims;
  const fits =
    Array.isArray(shape) &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    ((shape.length === trailing.length + 1 && trailing.every((size, axis) => shape[axis + 1] === size)) ||
      (shape.length === 1 && width === 1));
  if (fits) return shape[0];
  const given = Array.isArray(shape) && shape.length < 10 ? `[${shape.map(shown).join(", ")}]` : shown(shape);
  throw badRequest(`${where}.shape: expected [ROWS, ${trailing.join(", ")}], given ${given}`);
}

/** Cells of tensor data, which may be flat or nested by its dimensions. */
function flat(data: unknown, where: string, depth: number): unknown[] {
  if (!Array.isArray(data)) throw badRequest(`${where}.data: expected an array, given ${shown(data)}`);
  return data.some(Array.isArray) ? data.flat(depth) : data;
}

function valuesOf(
  input: ModelInput,
  tensor: Json,
  rows: number,
  where: string,
  take: (size: number) => Buffer,
): Values {
  const { type, width, columns } = input;
  const { datatype } = tensor;
  checkDatatype(where, type, datatype);
  const count = rows * width;
  const size = parametersOf(tensor, where).binary_data_size;
  if (size === undefined) {
    const cells = flat(tensor.data, where, Math.max(2, input.dims.length));
    if (cells.length !== count) {
      throw badRequest(`${where}.data: expected ${count} values for its shape, given ${cells.length}`);
    }
    return fromCells(type, width, columns, cells);
  }
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw badRequest(
      `${where}.parameters.binary_data_size: expected a number of bytes, given ${shown(size)}`,
    );
  }
  if (tensor.data !== undefined) throw badRequest(`${where}: has both data and binary_data_size`);
  return fromBytes(where, type, datatype, count, take(size as number));
}

/**
 * Reads a request.
 * @param headerLength the header Inference-Header-Content-Length.
 * @throws ScoringError 400 naming the tensor, what was expected and what was given; 413 for too many rows.
 */
export function readInferRequest(
  model: Model,
  body: Buffer,
  headerLength: string | undefined,
  maxRows: number,
): InferRequest {
  const { json, binary } = split(body, headerLength);
  const request = objectAt(parseJson(json, isExact(model.signature)), "the body");
  const id = request.id ?? undefined;
  if (id !== undefined && typeof id !== "string") throw badRequest("id: expected a string");
  if (!Array.isArray(request.inputs))
    throw badRequest(`inputs: expected an array, given ${shown(request.inputs)}`);
  let at = 0;
  const take = (size: number) => {
    if (at + size > binary.length) {
      throw badRequest(
        `binary_data_size: the tensors take more than the ${binary.length} bytes after the JSON`,
      );
    }
    at += size;
    return binary.subarray(at - size, at);
  };
  const given = request.inputs;
  const slots = chooseSlots(model, given);
  const { inputs } = slots;
  const values = new Array<Values>(inputs.length);
  let rows: number | undefined;
  given.forEach((item: unknown, index: number) => {
    const where = `inputs[${index}]`;
    const tensor = objectAt(item, where);
    const position = placeOf(model, slots, tensor.name, given.length, where);
    const input = inputs[position]!;
    if (values[position]) throw badRequest(`${where}: input "${input.name}" is there twice`);
    const size = rowsOf(input, tensor.shape, where);
    checkRows(size, maxRows);
    rows ??= size;
    if (rows !== size) throw badRequest(`${where}: ${size} rows, but the inputs before it have ${rows}`);
    values[position] = valuesOf(input, tensor, size, where, take);
  });
  const missing = inputs.find((_, position) => !values[position]);
  if (missing) throw badRequest(`inputs: input "${missing.name}" is missing`);
  if (at !== binary.length) throw badRequest(`${binary.length - at} bytes after the tensors' binary data`);
  if (!rows) throw badRequest("inputs: expected at least one row");
  const tensors = slots.areColumns ? [joinColumns(slots, values, rows)] : values;
  return { id, feed: { rows, values: tensors }, outputs: outputsOf(model, request) };
}

/** The names of outputs that MLServer's sklearn server answers to. */
const SKLEARN = ["predict", "predict_proba"];

/** The model's own names come first. */
function outputIndex(model: Model, name: unknown, where: string): number | undefined {
  const { outputs, predictions, probabilities } = model.signature;
  const index = outputs.findIndex((output) => output.name === name);
  if (index !== -1) return index;
  // Of several outputs the first alone would be half an answer.
  if (name === "predict" && predictions.length === 1) return predictions[0];
  if (name === "predict_proba" && probabilities.length > 0) return undefined;
  const names = outputs.map((output) => output.name).join(", ");
  throw badRequest(`${where}: model "${model.name}" has no output ${shown(name)}; it has ${names}`);
}

function outputsOf(model: Model, request: Json): InferRequest["outputs"] {
  const { outputs } = model.signature;
  const binary = flagOf(parametersOf(request, "the body"), "binary_data_output", "the body", false);
  const asked = request.outputs ?? [];
  if (!Array.isArray(asked)) throw badRequest(`outputs: expected an array, given ${shown(asked)}`);
  // Triton answers with all of them, too.
  if (asked.length === 0) return outputs.map(({ name }, index) => ({ name, index, binary }));
  if (asked.length > outputs.length + SKLEARN.length) {
    throw badRequest(`outputs: ${asked.length} asked for, the model has ${outputs.length}`);
  }
  return asked.map((item: unknown, position: number) => {
    const where = `outputs[${position}]`;
    const output = objectAt(item, where);
    const index = outputIndex(model, output.name, where);
    const parameters = parametersOf(output, where);
    if (parameters.classification !== undefined) throw badRequest(`${where}: classification is not served`);
    return { name: output.name as string, index, binary: flagOf(parameters, "binary_data", where, binary) };
  });
}
