import type { Model } from "../model/model.ts";
import type { Outcome } from "../model/runner.ts";
import { flatValues, rowSize } from "../model/values.ts";
import { DATATYPES, toBytes } from "./datatypes.ts";
import type { InferRequest } from "./request.ts";

export interface InferResponse {
  body: string | Buffer;
  /** Inference-Header-Content-Length, where tensors follow as binary data. */
  headerLength: number | undefined;
}

/** An answer of the Open Inference Protocol, with what was asked for as binary data behind the JSON. */
export function writeInferResponse(model: Model, request: InferRequest, outcome: Outcome): InferResponse {
  const binaries: Buffer[] = [];
  const outputs = request.outputs.map(({ index, binary }) => {
    const tensor = outcome.tensors[index]!;
    const head = {
      name: model.signature.outputs[index]!.name,
      shape: [outcome.rows, ...tensor.dims.slice(1)],
      datatype: DATATYPES[tensor.type],
    };
    if (!binary) return { ...head, data: flatValues(outcome, index) };
    const size = rowSize(tensor);
    const part = tensor.data.slice(outcome.start * size, (outcome.start + outcome.rows) * size);
    const bytes = toBytes(tensor.type, part as ArrayLike<unknown>);
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
