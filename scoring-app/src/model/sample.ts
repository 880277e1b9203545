import { messageOf } from "../errors.ts";
import { jsonOf } from "../exact-json.ts";
import type { KnownValues, Session, Tensor } from "../runtime/runtime.ts";
import { encodeRows } from "./cells.ts";
import { compute } from "./run.ts";
import { type ModelInput, type Signature, sampleRow } from "./signature.ts";

/** Trial runs, each of one row, take so long at most. */
const TRIAL_MS = 1000;

/**
 * Makes the model's sample one that the model scores. scikit-learn's OneHotEncoder refuses, unless told otherwise, a category that it
 * has not seen, as zeros and empty strings often are: then columns that model.json gives no sample of take a category from the
 * file. Where the file does not show which column takes which, that is found by trying: an encoder's error gives way to the next
 * encoder's, or to none.
 * @returns what the session gives for that row.
 * @throws Error with the model's own error and the remedy.
 */
export async function settleSample(
  session: Session,
  signature: Signature,
  known: readonly KnownValues[],
): Promise<Tensor[]> {
  const { inputs, width } = signature;
  const blank = sampleRow(signature);
  const row = [...blank];
  let given: Tensor[] = [];
  const faultOf = async () => {
    try {
      given = await compute(session, signature, encodeRows(inputs, width, [row]));
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  let fault = await faultOf();
  if (fault === undefined) return given;
  const firstFault = fault;
  const described = inputs.flatMap((input) => new Array<boolean>(input.width).fill(input.described));
  const open = new Set(described.flatMap((given, column) => (given ? [] : [column])));
  const placed = knownCells(inputs, known);
  for (const column of open) row[column] = placed[column]?.[0] ?? row[column];
  fault = await faultOf();
  const end = performance.now() + TRIAL_MS;
  const settleOne = async (): Promise<boolean> => {
    for (const column of open) {
      const before = row[column];
      for (const candidate of known.flatMap(({ values }) => values.slice(0, 1))) {
        if (typeof candidate !== typeof before || performance.now() > end) continue;
        row[column] = candidate;
        const next = await faultOf();
        if (next !== fault) {
          open.delete(column);
          fault = next;
          return true;
        }
      }
      row[column] = before;
    }
    return false;
  };
  while (fault !== undefined && (await settleOne()));
  if (fault !== undefined) {
    throw new Error(
      `the model does not score its sample, ${jsonOf(blank).slice(0, 200)}: ${firstFault}; ` +
        `where other values are scored, give them as "sample" in model.json`,
    );
  }
  let offset = 0;
  for (const input of inputs) {
    input.sample = row.slice(offset, offset + input.width);
    offset += input.width;
  }
  return given;
}

/** What each column of a row is known to take, in the type of its sample; several encoders of a column share values, if they have any. */
export function knownCells(
  inputs: readonly ModelInput[],
  known: readonly KnownValues[],
): ((string | number)[] | undefined)[] {
  return inputs.flatMap(({ name, sample }) => {
    const own = known.filter(({ input }) => input === name);
    return sample.map((cell, column) => {
      const lists = own.flatMap((one) =>
        one.column === undefined || one.column === column ? [one.values] : [],
      );
      const shared = lists[0]?.filter((value) => lists.every((values) => values.includes(value)));
      const values = shared?.length ? shared : lists[0];
      if (typeof cell === "string") return values?.map(String);
      const numbers = typeof cell === "number" ? values?.map(Number) : undefined;
      return numbers?.some(Number.isNaN) ? undefined : numbers;
    });
  });
}
