import type { Form } from "./form.ts";
import { methodOf } from "./members.ts";
import { isObject, type Json, rowsOf } from "./rows.ts";
import { methodSchema, objectWith, rowsSchema } from "./schemas.ts";

/** `{"data": [[…]]}`, Azure ML's own; number-table.ts reads most of its bodies faster. */
export const data: Form = {
  contentType: "application/json",
  names: ['{"data": [[…]]}', '{"data": [{…}]}'],
  members: ["data", "method"],
  whole: '{"data": …, "method": "predict" or "predict_proba"}',
  matches: (body) => isObject(body) && body.data !== undefined,
  read(model, body) {
    const { data, method } = body as Json;
    return { rows: rowsOf(model, data, "data"), method: methodOf(method, "method") };
  },
  schema: (signature) => objectWith("data", { data: rowsSchema(signature), method: methodSchema(signature) }),
  example: ({ sample }) => ({ data: [sample] }),
};
