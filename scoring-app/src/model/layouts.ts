import type { Session } from "../runtime/runtime.ts";
import { encodeRows } from "./cells.ts";
import type { Model } from "./model.ts";

/**
 * Finds out what a row of each output has. Where the rows' values stand in one column, their number is only believed where a run of
 * two rows has twice as many as a run of one: a constant has the same.
 * @throws Error that names the output and its dimensions, where it has no row a row.
 */
export async function settleLayouts(model: Model, session: Session): Promise<void> {
  const { signature, sample } = model;
  const { inputs, width } = signature;
  const trial = async (rows: number) =>
    (await model.run(encodeRows(inputs, width, new Array(rows).fill(sample)))).tensors.map(({ dims }) =>
      dims.slice(1),
    );
  const one = await trial(1);
  // Where rows mix, each has a run of its own, and all that its run answers is of that row.
  const two =
    signature.rowsPerRun > 1 ? await trial(2) : one.map((dims, i) => (session.mixes[i] ? dims : []));
  signature.layouts = one.map((dims, output) => ({
    inColumn: dims[0] !== undefined && dims[0] === two[output]?.[0] ? dims[0] : 1,
    dims,
  }));
  // What is not believed has no row a row.
  await trial(1);
}
