import type { Model } from "../model/model.ts";
import type { Outcome } from "../model/runner.ts";
import type { CellType } from "../model/signature.ts";
import { flatValues, rowSize } from "../model/values.ts";
import { DATATYPES, fromCells, toBytes } from "./datatypes.ts";
import type { InferRequest } from "./request.ts";

export interface InferResponse {
  body: string | Buffer;
  /** Inference-Header-Content-Length, where tensors follow as binary data. */
  headerLength: number | undefined;
}

/** A part of an answer: how it is described, and its values in JSON and as bytes. */
interface Answered {
  shape: number[];
  type: string;
  cells(): unknown[];
  bytes(): Buffer;
}

function outputOf(outcome: Outcome, index: number): Answered {
  const tensor = outcome.tensors[index]!;
  const { type } = tensor;
  return {
    type,
    shape: [outcome.rows, ...tensor.dims.slice(1)],
    cells: () => flatValues(outcome, index),
    bytes() {
      const size = rowSize(tensor);
      const part = tensor.data.slice(outcome.start * size, (outcome.start + outcome.rows) * size);
      return toBytes(type, part as ArrayLike<unknown>);
    },
  };
}

/** @throws ScoringError 400 where what the model calls probabilities is none. */
function probabilitiesOf(model: Model, outcome: Outcome): Answered {
  const rows = model.probabilities(outcome) as number[][];
  const { type } = outcome.tensors[model.signature.probabilities[0]!]!;
  const cells = rows.flat();
  return {
    type,
    shape: [rows.length, rows[0]!.length],
    cells: () => cells,
    bytes: () => toBytes(type, fromCells(type as CellType, 1, undefined, cells) as ArrayLike<unknown>),
  };
}

/** An answer of the Open Inference Protocol, with what was asked for as binary data behind the JSON. */
export function writeInferResponse(model: Model, request: InferRequest, outcome: Outcome): InferResponse {
  const binaries: Buffer[] = [];
  const outputs = request.outputs.map(({ name, index, binary }) => {
    const answered = index === undefined ? probabilitiesOf(model, outcome) : outputOf(outcome, index);
    const head = { name, shape: answered.shape, datatype: DATATYPES[answered.type] };
    if (!binary) return { ...head, data: answered.cells() };
    const bytes = answered.bytes();
    binaries.push(bytes);
    return { ...head, parameters: { binary_data_size: bytes.length } };
  });
  const json = JSON.stringify({
    model_name: model.name,
    model_version: model.version,
    ...(request.id !== undefined && { id: request.id }),
    outputs,
  });
  if (binaries.length === 0) return { body: json, headerLength: undefined };
  const header = Buffer.from(json);
  return { body: Buffer.concat([header, ...binaries]), headerLength: header.length };
}
