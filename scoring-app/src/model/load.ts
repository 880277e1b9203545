import type { OpenSession, Session } from "../runtime/runtime.ts";
import { type ModelDescription, readDescription } from "./description.ts";
import { checkExpected } from "./expected.ts";
import { settleGathering } from "./gathering.ts";
import { settleLayouts } from "./layouts.ts";
import { type LoadOptions, Model } from "./model.ts";
import { NoRowARow } from "./run.ts";
import { settleSample } from "./sample.ts";

/** A session of which some outputs are not asked. */
function without(session: Session, left: readonly number[]): Session {
  const kept = [...session.outputs.keys()].filter((output) => !left.includes(output));
  const some = <T>(all: readonly T[]) => kept.map((output) => all[output]!);
  return {
    file: session.file,
    platform: session.platform,
    inputs: session.inputs,
    outputs: some(session.outputs),
    mixes: some(session.mixes),
    knownValues: session.knownValues,
    run: async (inputs) => some(await session.run(inputs)),
  };
}

/**
 * Loads a folder's model and, where it is there, its model.json.
 * @throws Error that says in one line what is wrong with which file.
 */
export async function loadModel(
  folder: string,
  open: OpenSession,
  options: LoadOptions = {},
): Promise<Model> {
  const description = await readDescription(folder);
  return settledModel(await open(folder), description, options);
}

/** Outputs without a row a row, which only a run tells, are left out where others have one. */
async function settledModel(
  session: Session,
  description: ModelDescription,
  options: LoadOptions,
): Promise<Model> {
  // The metrics count what is asked for, not what is tried here.
  let settled = false;
  const onRun: LoadOptions["onRun"] = (rows, requests) => {
    if (settled) options.onRun?.(rows, requests);
  };
  const model = new Model(session, description, { ...options, onRun });
  try {
    const one = await settleSample(session, model.signature, session.knownValues);
    await settleLayouts(session, model.signature, one);
  } catch (error) {
    if (!(error instanceof NoRowARow)) throw error;
    return settledModel(without(session, error.outputs), description, options);
  }
  await settleGathering(model, session, options.gather);
  await checkExpected(model, description);
  settled = true;
  return model;
}
