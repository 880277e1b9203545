import { data } from "../../scoring-app/src/forms/data.ts";
import { parseJson } from "../../scoring-app/src/forms/json.ts";
import { encodeRows } from "../../scoring-app/src/model/cells.ts";
import type { Model } from "../../scoring-app/src/model/model.ts";
import type { ModelInput } from "../../scoring-app/src/model/signature.ts";

export interface RecordTimes {
  columns: number;
  megabytes: number;
  /** Until the model could run: parsed, put into the model's order, checked and encoded. */
  ms: number;
  msOfParse: number;
  ratio: number;
  /** Of records whose columns are not in the model's order. */
  ratioOfOthers: number;
}

/** Times records of a one-tensor model with so many named columns. */
export function timeRecords(columns: number, records: number, rounds: number): RecordTimes {
  const names = Array.from({ length: columns }, (_, column) => `feature_${column}`);
  const input: ModelInput = {
    name: "features",
    type: "float32",
    width: columns,
    dims: [columns],
    columns: names,
    sample: [],
    samples: [],
    described: false,
    range: undefined,
  };
  const model = { signature: { inputs: [input], width: columns, columns: names } } as unknown as Model;
  const bodyOf = (order: string[]) => {
    const record = () => Object.fromEntries(order.map((name) => [name, Number(Math.random().toFixed(6))]));
    return Buffer.from(JSON.stringify({ data: Array.from({ length: records }, record) }));
  };
  const app = (body: Buffer) => {
    const { rows } = data.read(model, parseJson(body, false));
    return encodeRows([input], columns, rows);
  };
  const times = (body: Buffer) => {
    let ms = Infinity;
    let msOfParse = Infinity;
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      JSON.parse(body.toString());
      const parsed = performance.now();
      app(body);
      msOfParse = Math.min(msOfParse, parsed - began);
      ms = Math.min(ms, performance.now() - parsed);
    }
    return { ms, msOfParse, ratio: ms / msOfParse };
  };
  const body = bodyOf(names);
  const ordered = times(body);
  return {
    columns,
    megabytes: body.length / 1e6,
    ...ordered,
    ratioOfOthers: times(bodyOf(names.toReversed())).ratio,
  };
}
