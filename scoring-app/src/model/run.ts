import type { InferenceSession } from "onnxruntime-node";
import { Tensor } from "onnxruntime-node";
import { type Feed, joinFeeds } from "./cells.ts";
import type { Signature } from "./signature.ts";

/**
 * One run of ONNX Runtime.
 * @returns a tensor an output, each with a row a row, whatever the converter declared.
 */
export async function runFeed(
  session: InferenceSession,
  signature: Signature,
  feed: Feed,
): Promise<Tensor[]> {
  const { inputs, outputs, rowsPerRun } = signature;
  if (feed.rows > rowsPerRun) return runRowByRow(session, signature, feed);
  const feeds: Record<string, Tensor> = {};
  for (let i = 0; i < inputs.length; i++) {
    const { name, type, rank, width } = inputs[i]!;
    feeds[name] = new Tensor(type, feed.values[i] as never, rank === 1 ? [feed.rows] : [feed.rows, width]);
  }
  const results = await session.run(
    feeds,
    outputs.map(({ name }) => name),
  );
  return outputs.map(({ name }) => {
    const tensor = results[name] as Tensor;
    const [first, second] = tensor.dims;
    // As skl2onnx's discriminant analysis gives its labels.
    if (first === 1 && second === feed.rows && tensor.dims.length === 2 && first !== second) {
      return tensor.reshape([feed.rows, 1]) as Tensor;
    }
    if (tensor.dims[0] !== feed.rows) {
      throw new Error(`model output "${name}" has dimensions [${tensor.dims}] for ${feed.rows} rows`);
    }
    return tensor;
  });
}

/** For a model whose batch was fixed to one row when it was converted. */
async function runRowByRow(session: InferenceSession, signature: Signature, feed: Feed): Promise<Tensor[]> {
  const parts: Tensor[][] = [];
  for (let row = 0; row < feed.rows; row++) {
    const values = signature.inputs.map(({ width }, i) =>
      feed.values[i]!.slice(row * width, (row + 1) * width),
    );
    parts.push(await runFeed(session, signature, { rows: 1, values }));
  }
  return signature.outputs.map((_, output) => {
    const tensors = parts.map((part) => part[output]!);
    const first = tensors[0]!;
    const feeds = tensors.map((tensor) => ({ rows: 1, values: [tensor.data as never] }));
    return new Tensor(first.type, joinFeeds(feeds).values[0] as never, [feed.rows, ...first.dims.slice(1)]);
  });
}
