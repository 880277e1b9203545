import { messageOf } from "../errors.ts";
import { encodeRows } from "./cells.ts";
import type { Model } from "./model.ts";

/** Trial runs at most, each of one row. */
const TRIALS = 2000;

/**
 * Makes the model's sample one that the model scores. scikit-learn's OneHotEncoder refuses, unless told otherwise, a category that it
 * has not seen, as zeros and empty strings often are: then columns that model.json gives no sample of take a category from the
 * file. Which column an encoder reads is found by trying: its error gives way to the next encoder's, or to none.
 * @param candidates values that the file shows, e.g. the categories of its encoders.
 * @throws Error with the model's own error and the remedy.
 */
export async function settleSample(model: Model, candidates: readonly (string | number)[]): Promise<void> {
  const { inputs, width } = model.signature;
  const row = [...model.sample];
  const faultOf = async () => {
    try {
      await model.run(encodeRows(inputs, width, [row]));
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  let fault = await faultOf();
  if (fault === undefined) return;
  const firstFault = fault;
  const open = new Set(
    inputs
      .flatMap((input) => new Array<boolean>(input.width).fill(input.described))
      .flatMap((described, column) => (described ? [] : [column])),
  );
  let trials = 0;
  const settleOne = async (): Promise<boolean> => {
    for (const column of open) {
      const blank = row[column];
      for (const candidate of candidates) {
        if (typeof candidate !== typeof blank || trials++ >= TRIALS) continue;
        row[column] = candidate;
        const next = await faultOf();
        if (next !== fault) {
          open.delete(column);
          fault = next;
          return true;
        }
      }
      row[column] = blank;
    }
    return false;
  };
  while (fault !== undefined && (await settleOne()));
  if (fault !== undefined) {
    throw new Error(
      `the model does not score its sample, ${JSON.stringify(model.sample).slice(0, 200)}: ${firstFault}; ` +
        `where other values are scored, give them as "sample" in model.json`,
    );
  }
  let offset = 0;
  for (const input of inputs) {
    input.sample = row.slice(offset, offset + input.width);
    offset += input.width;
  }
}

/** Scores one row a run where a converter fixed that within the graph without saying so. */
export async function settleRows(model: Model): Promise<void> {
  const { signature, sample } = model;
  try {
    await model.run(encodeRows(signature.inputs, signature.width, [sample, sample]));
  } catch {
    signature.rowsPerRun = 1;
  }
}
