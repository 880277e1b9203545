import { messageOf } from "../errors.ts";
import type { KnownValues, Session } from "../runtime/runtime.ts";
import { encodeRows } from "./cells.ts";
import type { Model } from "./model.ts";
import type { Outcome } from "./runner.ts";
import { knownCells } from "./sample.ts";
import type { Gather, ModelInput } from "./signature.ts";

/** Rows of the trial, and how long it may take: a slow model is tried with fewer. */
const TRIAL_ROWS = 8;
const TRIAL_MS = 1000;
/** How far, relative to the largest answer of a column, rounding takes answers apart: a run of several rows adds up in another order. */
const ROUNDING: Record<string, number> = { float16: 1e-2, float32: 1e-5, float64: 1e-11 };

/**
 * Decides whether requests share runs. The session knows, as far as one can tell from the outside, whether rows influence each other;
 * then several rows together have to get the answers that each gets alone, but for rounding, against which runs get an even number of
 * rows: where the trial shows it, and where the session knows. Zeros would hide what rows do to each other, so their values are
 * random, around the sample.
 */
export async function settleGathering(
  model: Model,
  session: Session,
  gather: Gather = "auto",
): Promise<void> {
  const { signature } = model;
  if (signature.rowsPerRun === 1) return;
  if (gather === "never") signature.alone = "GATHER=never";
  else if (gather === "auto") {
    signature.alone = session.mixes.find((reason) => reason !== undefined);
  }
  if (signature.alone !== undefined) return;
  const found = await difference(model, session.knownValues);
  if (found?.isRounding ?? session.addsOneRowOtherwise) signature.evenRows = true;
  else if (gather === "auto") signature.alone = found?.message;
}

interface Difference {
  /** Whether it is of the size that another order of adding up makes. */
  isRounding: boolean;
  message: string;
}

/** What differs between rows together and alone. */
async function difference(model: Model, known: readonly KnownValues[]): Promise<Difference | undefined> {
  const { inputs, width, outputs } = model.signature;
  const run = async (rows: unknown[][]) => model.run(encodeRows(inputs, width, rows));
  const rows: unknown[][] = [];
  const alone: Outcome[] = [];
  const end = performance.now() + TRIAL_MS;
  const random = randomNumbers();
  const cells = knownCells(inputs, known);
  for (const changes of Array.from({ length: TRIAL_ROWS }, () => CHANGES).flat()) {
    if (rows.length === TRIAL_ROWS || (rows.length > 1 && performance.now() > end)) break;
    const row = randomRow(inputs, cells, changes, random);
    // Values that the model refuses, e.g. unknown categories, or that their type does not have, are no part of the trial.
    const outcome = await run([row]).catch(() => undefined);
    if (!outcome) continue;
    rows.push(row);
    alone.push(outcome);
  }
  if (rows.length < 2) return undefined;
  const together = await run(rows).catch(messageOf);
  if (typeof together === "string") {
    const message = `rows that are scored alone are not scored together: ${together}`;
    return { isRounding: false, message };
  }
  const distances = outputs.map((_, output) => distance(together, alone, output));
  const largest = Math.max(...distances);
  if (largest === 0) return undefined;
  const { name } = outputs[distances.indexOf(largest)]!;
  const message = `output "${name}": rows together get other answers than each alone`;
  return { isRounding: largest <= 1, message };
}

/** How far a run of several rows is from a run a row, in units of what rounding does: 0 is the same, above 1 is no rounding. */
function distance(together: Outcome, alone: readonly Outcome[], output: number): number {
  const { type, data } = together.tensors[output]!;
  const size = data.length / together.rows;
  const rounding = ROUNDING[type] ?? 0;
  const scales = new Array<number>(size).fill(0);
  if (rounding > 0) {
    for (const [i, cell] of (data as Float32Array).entries()) {
      if (Number.isFinite(cell)) scales[i % size] = Math.max(scales[i % size]!, Math.abs(cell));
    }
  }
  let largest = 0;
  for (const [row, { tensors }] of alone.entries()) {
    const own = tensors[output]!.data;
    if (own.length !== size) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < size; i++) {
      const [a, b] = [data[row * size + i], own[i]];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
      const apart = Math.abs(Number(a) - Number(b)) / (rounding * scales[i]!);
      // Texts, infinities, and what has no rounding.
      largest = Math.max(largest, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
    }
  }
  return largest;
}

type Random = () => number;

/** Which cells of a row are changed: the more, the more the trial tells; the model may refuse fewer. */
const CHANGES: ((input: ModelInput, random: Random) => boolean)[] = [
  () => true,
  ({ type }) => type.startsWith("float"),
  ({ type }, random) => type.startsWith("float") && random() < 0.5,
];

function randomRow(
  inputs: readonly ModelInput[],
  known: ReturnType<typeof knownCells>,
  changes: (typeof CHANGES)[number],
  random: Random,
): unknown[] {
  let at = 0;
  return inputs.flatMap((input) =>
    input.sample.map((cell, column) => {
      const values = known[at++];
      if (!changes(input, random)) return cell;
      if (values?.length) return values[Math.floor(values.length * random())];
      return randomCell(input.type, cell, input.range?.[column], random);
    }),
  );
}

/** Small distances from the sample, and a few large ones. */
function randomCell(
  type: string,
  cell: unknown,
  range: [number, number] | undefined,
  random: Random,
): unknown {
  if (type === "bool") return random() < 0.5;
  if (typeof cell === "bigint") return cell + BigInt(Math.floor(7 * random()) - 3);
  if (typeof cell !== "number") return cell;
  if (!type.startsWith("float")) {
    const near = Math.max(0, cell + Math.floor(7 * random()) - 3);
    return type === "uint8" ? Math.min(255, near) : near;
  }
  if (range) return range[0] + (range[1] - range[0]) * random();
  return cell + (1 + Math.abs(cell)) * 8 * (2 * random() - 1) ** 3;
}

/** The same at each start, so that a start decides as the one before. */
function randomNumbers(): Random {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
