import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { Form } from "./form.ts";
import { checkMembers, methodIn } from "./members.ts";
import { isObject, type Json, rowsOf } from "./rows.ts";
import { methodHolderSchema, objectWith, rowsSchema } from "./schemas.ts";

const WHOLE = '{"Inputs": {"data": …}, "GlobalParameters": {"method": "predict" or "predict_proba"}}';

/** `{"Inputs": …}`, of automated ML and the designer; answered with {"Results"}. */
export const inputs: Form = {
  contentType: "application/json",
  names: ['{"Inputs": {"data": …}}'],
  members: ["Inputs", "GlobalParameters"],
  whole: WHOLE,
  matches: (body) => isObject(body) && body.Inputs !== undefined,
  read(model, body) {
    const { Inputs, GlobalParameters } = body as Json;
    if (!isObject(Inputs)) throw badRequest(`Inputs: expected {"data": …}, given ${shown(Inputs)}`);
    checkMembers(Inputs, (name) => name === "data", "Inputs", WHOLE);
    const rows = rowsOf(model, Inputs.data, "Inputs.data");
    // Clients of automated ML's regressors send the number 1.0.
    if (typeof GlobalParameters === "number") return { rows, method: "predict" };
    return { rows, method: methodIn(GlobalParameters, "GlobalParameters", WHOLE) };
  },
  schema: (signature) =>
    objectWith("Inputs", {
      Inputs: objectWith("data", { data: rowsSchema(signature) }),
      GlobalParameters: { anyOf: [methodHolderSchema(signature), { type: "number" }] },
    }),
  example: ({ sample }) => ({ Inputs: { data: [sample] }, GlobalParameters: { method: "predict" } }),
  answer: {
    wrap: (Results) => ({ Results }),
    schema: (predictions) => objectWith("Results", { Results: predictions }),
  },
};
