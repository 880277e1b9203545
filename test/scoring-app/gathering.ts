import { encodeRows } from "../../scoring-app/src/model/cells.ts";
import { loadModel as load } from "../../scoring-app/src/model/load.ts";
import type { Model } from "../../scoring-app/src/model/model.ts";
import { flatRows } from "../../scoring-app/src/model/nesting.ts";
import type { Gather } from "../../scoring-app/src/model/signature.ts";
import { flatValues } from "../../scoring-app/src/model/values.ts";
import { openOnnx } from "../../scoring-app/src/runtime/onnx/session.ts";

/** A folder's model, with the number of requests of each run. */
export async function loaded(folder: string, gather?: Gather): Promise<{ model: Model; runs: number[] }> {
  const runs: number[] = [];
  const model = await load(folder, openOnnx, { gather, onRun: (_, requests) => runs.push(requests) });
  return { model, runs };
}

/** What a request gets of all outputs. */
export async function answers(model: Model, rows: unknown[][]): Promise<unknown[][]> {
  const { inputs, width, outputs } = model.signature;
  const outcome = await model.run(encodeRows(inputs, width, flatRows(inputs, rows)));
  return outputs.map((_, output) => flatValues(outcome, output));
}
