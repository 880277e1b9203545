import type { Session, Tensor } from "../runtime/runtime.ts";
import { encodeRows } from "./cells.ts";
import { NoRowARow, runFeed, withRows } from "./run.ts";
import { type Signature, sampleRow } from "./signature.ts";

/**
 * Finds out how many rows a run takes and what a row of each output has. Where the rows' values stand in one column, their number is
 * only believed where a run of two rows has twice as many as a run of one: a constant has the same.
 * @param one what the session gives for the sample.
 * @throws NoRowARow, or Error where that is so of every output.
 */
export async function settleLayouts(
  session: Session,
  signature: Signature,
  one: readonly Tensor[],
): Promise<void> {
  const own = withRows(session, signature, one, 1);
  const two = await severalRows(session, signature);
  signature.layouts = own.map(({ dims: [, ...dims] }, output) => {
    // Where rows mix, each has a run of its own, and all that its run gives is of that row.
    const believed = two ? dims[0] === two[output]!.dims[1] : session.mixes[output] !== undefined;
    return { inColumn: believed ? (dims[0] ?? 1) : 1, dims };
  });
  // What is not believed has no row a row.
  withRows(session, signature, one, 1);
}

/** What two rows give; undefined where a run takes one, which a converter may have fixed within the graph without saying so. */
async function severalRows(session: Session, signature: Signature): Promise<Tensor[] | undefined> {
  if (signature.rowsPerRun === 1) return undefined;
  const { inputs, width } = signature;
  const row = sampleRow(signature);
  const run = (rows: number) =>
    runFeed(session, signature, encodeRows(inputs, width, new Array(rows).fill(row)));
  try {
    const two = await run(2);
    // A mean of two columns looks like two rows, but not like three.
    await run(3);
    return two;
  } catch (error) {
    if (error instanceof NoRowARow) throw error;
    signature.rowsPerRun = 1;
    return undefined;
  }
}
