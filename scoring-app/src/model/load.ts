import type { OpenSession } from "../runtime/runtime.ts";
import { readDescription } from "./description.ts";
import { checkExpected } from "./expected.ts";
import { settleLayouts } from "./layouts.ts";
import { type LoadOptions, Model } from "./model.ts";
import { settleRows, settleSample } from "./sample.ts";

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
  const session = await open(folder);
  // The metrics count what is asked for, not what is tried here.
  let settled = false;
  const onRun: LoadOptions["onRun"] = (rows, requests) => {
    if (settled) options.onRun?.(rows, requests);
  };
  const model = new Model(session, description, { ...options, onRun });
  await settleSample(model, session.knownValues);
  await settleRows(model);
  await settleLayouts(model);
  await checkExpected(model, description);
  settled = true;
  return model;
}
