import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { Model } from "../model/model.ts";
import type { Form } from "./form.ts";
import { checkMembers, methodIn } from "./members.ts";
import { isObject, type Json, positionsOf, rowsOf } from "./rows.ts";
import { listOf, methodHolderSchema, objectWith, rowsSchema } from "./schemas.ts";

const WHOLE =
  '{"input_data": {"columns", "index", "data"}, "params": {"method": "predict" or "predict_proba"}}';
/** Of pandas' to_dict with orient "split" or "tight". */
const FRAME = ["columns", "index", "data", "index_names", "column_names"];

/** `{"input_data": …}`: the data frame of MLflow and Azure ML, {"columns", "index", "data"}, or its rows alone, as of a tensor. */
export const inputData: Form = {
  contentType: "application/json",
  names: ['{"input_data": {"columns", "data"}}'],
  members: ["input_data", "params"],
  whole: WHOLE,
  matches: (body) => isObject(body) && body.input_data !== undefined,
  read(model, body) {
    const { input_data, params } = body as Json;
    return { rows: frameRows(model, input_data), method: methodIn(params, "params", WHOLE) };
  },
  schema(signature) {
    const { columns, width } = signature;
    const data = rowsSchema(signature);
    const names = { ...listOf(columns ? { type: "string", enum: columns } : {}, width), uniqueItems: true };
    const frame = {
      ...objectWith("data", { columns: names, data }),
      description: "`index` may be there too, with a value a row",
    };
    const params = methodHolderSchema(signature);
    return objectWith("input_data", { input_data: { anyOf: [frame, data] }, params });
  },
  example: ({ sample, signature: { columns } }) => ({
    input_data: columns ? { columns, index: [0], data: [sample] } : [sample],
  }),
};

function frameRows(model: Model, frame: unknown): unknown[] {
  if (Array.isArray(frame)) return rowsOf(model, frame, "input_data");
  if (!isObject(frame)) throw badRequest(`input_data: expected {"columns", "data"}, given ${shown(frame)}`);
  checkMembers(frame, (name) => FRAME.includes(name), "input_data", WHOLE);
  const rows = rowsOf(model, frame.data, "input_data.data");
  if (frame.index !== undefined && (!Array.isArray(frame.index) || frame.index.length !== rows.length)) {
    throw badRequest(`input_data.index: expected ${rows.length} values, one a row`);
  }
  if (frame.columns === undefined) return rows;
  if (!Array.isArray(frame.columns))
    throw badRequest("input_data.columns: expected an array of column names");
  const positions = positionsOf(model, frame.columns, "input_data.columns");
  return rows.map((row, r) => {
    if (!Array.isArray(row)) return row;
    if (row.length !== positions.length) {
      throw badRequest(`row ${r}: expected ${positions.length} values, given ${row.length}`);
    }
    return positions.map((position) => row[position]);
  });
}
