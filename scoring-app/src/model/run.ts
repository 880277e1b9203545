import type { Session, Tensor } from "../runtime/runtime.ts";
import { type Feed, joinFeeds, type Values } from "./cells.ts";
import type { Signature } from "./signature.ts";

/** Thrown where some outputs have a row a row and others, e.g. a mean of all, do not. */
export class NoRowARow extends Error {
  /** Positions of those that do not. */
  readonly outputs: readonly number[];

  constructor(outputs: readonly number[], message: string) {
    super(message);
    this.outputs = outputs;
  }
}

/** What the session gives for a feed, as it is. */
export function compute(session: Session, { inputs }: Signature, feed: Feed): Promise<Tensor[]> {
  return session.run(
    inputs.map(({ type, dims }, input) => ({
      type,
      dims: [feed.rows, ...dims],
      data: feed.values[input]!,
    })),
  );
}

/**
 * One run of a model.
 * @returns a tensor an output, each with a row for every row of the feed, whatever the converter declared.
 */
export async function runFeed(session: Session, signature: Signature, feed: Feed): Promise<Tensor[]> {
  if (feed.rows > signature.rowsPerRun) return runRowByRow(session, signature, feed);
  return withRows(session, signature, await compute(session, signature, feed), feed.rows);
}

/** These tensors with so many rows each. @throws NoRowARow, or Error where that is so of every output. */
export function withRows(
  { mixes }: Session,
  { outputs, layouts }: Signature,
  tensors: readonly Tensor[],
  rows: number,
): Tensor[] {
  const odd: number[] = [];
  const results = tensors.map((tensor, output) => {
    const { type, dims, data } = tensor;
    // As skl2onnx's discriminant analysis gives its labels.
    if (dims.length === 2 && dims[0] === 1 && dims[1] === rows) return { type, dims: [rows, 1], data };
    if (dims[0] === rows) return tensor;
    // Taken for one row's after the other's, which a file that mixes rows does not promise.
    const values = rows === 1 || mixes[output] === undefined ? valuesInColumn(dims, rows) : undefined;
    if (values && values === (layouts[output]?.inColumn ?? values))
      return { type, dims: [rows, values], data };
    odd.push(output);
    return tensor;
  });
  if (odd.length === 0) return results;
  const first = odd[0]!;
  const message = `model output "${outputs[first]!.name}" has dimensions [${tensors[first]!.dims}] for ${rows} rows`;
  throw odd.length < outputs.length ? new NoRowARow(odd, message) : new Error(message);
}

/** Values that each of so many rows has where they stand in one column; undefined where they do not. */
function valuesInColumn(dims: readonly number[], rows: number): number | undefined {
  const values = dims[0]! / rows;
  return Number.isInteger(values) && dims.every((size, axis) => axis === 0 || size === 1)
    ? values
    : undefined;
}

/** For a model whose batch was fixed to one row when it was converted. */
async function runRowByRow(session: Session, signature: Signature, feed: Feed): Promise<Tensor[]> {
  const parts: Tensor[][] = [];
  for (let row = 0; row < feed.rows; row++) {
    const values = signature.inputs.map(({ width }, i) =>
      feed.values[i]!.slice(row * width, (row + 1) * width),
    );
    parts.push(await runFeed(session, signature, { rows: 1, values }));
  }
  return signature.outputs.map((_, output) => {
    const tensors = parts.map((part) => part[output]!);
    const { type, dims } = tensors[0]!;
    const feeds = tensors.map(({ data }) => ({ rows: 1, values: [data as Values] }));
    return { type, dims: [feed.rows, ...dims.slice(1)], data: joinFeeds(feeds).values[0]! };
  });
}
