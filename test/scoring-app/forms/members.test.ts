import { afterAll, describe, expect, it } from "vitest";
import type { EntryContext } from "../../../scoring-app/src/scoring/entry-script.ts";
import { golden, type Json, startApp } from "../app.ts";

const DATA = '{"data": …, "method": "predict" or "predict_proba"}';
const FRAME =
  '{"input_data": {"columns", "index", "data"}, "params": {"method": "predict" or "predict_proba"}}';
const INPUTS = '{"Inputs": {"data": …}, "GlobalParameters": {"method": "predict" or "predict_proba"}}';

describe("a member that nobody reads is refused, and the right place is named", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("binary") });
  afterAll(() => app.stop());
  const rows = [[5.1, 3.5, 1.4, 0.2]];
  const method = "predict_proba";
  const frame = { data: rows };

  it.each<[Json, string]>([
    [{ data: rows, Method: method }, `unknown member "Method"; expected ${DATA}`],
    [{ data: rows, METHOD: method }, `unknown member "METHOD"; expected ${DATA}`],
    [{ data: rows, params: { method } }, `unknown member "params"; expected ${DATA}`],
    [{ data: rows, GlobalParameters: { method } }, `unknown member "GlobalParameters"; expected ${DATA}`],
    [{ data: rows, GlobalParameters: 1 }, `unknown member "GlobalParameters"; expected ${DATA}`],
    [{ data: rows, quantiles: [0.1] }, `unknown member "quantiles"; expected ${DATA}`],
    [{ data: rows, threshold: 0.7 }, `unknown member "threshold"; expected ${DATA}`],
    [{ data: rows, input_data: rows }, `unknown member "input_data"; expected ${DATA}`],
    [{ data: rows, columns: ["a"] }, `unknown member "columns"; expected ${DATA}`],
    [{ input_data: rows, method }, `unknown member "method"; expected ${FRAME}`],
    [{ input_data: rows, Params: { method } }, `unknown member "Params"; expected ${FRAME}`],
    [{ input_data: rows, params: { Method: method } }, `params: unknown member "Method"; expected ${FRAME}`],
    [
      { input_data: rows, params: { quantiles: [1] } },
      `params: unknown member "quantiles"; expected ${FRAME}`,
    ],
    [{ input_data: { ...frame, method } }, `input_data: unknown member "method"; expected ${FRAME}`],
    [{ input_data: { ...frame, Columns: ["a"] } }, `input_data: unknown member "Columns"; expected ${FRAME}`],
    [{ input_data: { ...frame, id: 1 } }, `input_data: unknown member "id"; expected ${FRAME}`],
    [{ Inputs: frame, method }, `unknown member "method"; expected ${INPUTS}`],
    [
      { Inputs: frame, globalParameters: { method } },
      `unknown member "globalParameters"; expected ${INPUTS}`,
    ],
    [{ Inputs: { ...frame, method } }, `Inputs: unknown member "method"; expected ${INPUTS}`],
    [
      { Inputs: frame, GlobalParameters: { Method: method } },
      `GlobalParameters: unknown member "Method"; expected ${INPUTS}`,
    ],
    [
      { Inputs: frame, GlobalParameters: { method, quantiles: [0.025, 0.975] } },
      `GlobalParameters: unknown member "quantiles"; expected ${INPUTS}`,
    ],
  ])("%j", async (body, message) => {
    const response = await app.post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message });
  });

  it("in a query, too", async () => {
    const query = `data=${JSON.stringify(rows)}`;
    const refused = await app.get(`/score?${query}&Method=predict_proba`);
    expect(await refused.json()).toEqual({ message: `unknown member "Method"; expected ${DATA}` });
    const proba = (await (await app.get(`/score?${query}&method=predict_proba`)).json()) as Json;
    expect(proba[0]).toHaveLength(2);
  });

  it.each<Json>([
    { data: rows, GlobalParameters: null },
    { data: rows, params: {}, method: null },
    { data: rows, id: "a", schema: { fields: [] } },
    { input_data: { ...frame, index_names: [null], column_names: [null], more: null } },
    { input_data: rows, params: { method: null, more: null } },
    { input_data: rows, params: {} },
    { Inputs: frame, GlobalParameters: {} },
    { Inputs: frame, GlobalParameters: 1 },
    { Inputs: frame, GlobalParameters: { more: {} } },
  ])("but not what says nothing, or labels the request: %j", async (body) => {
    const response = await app.post(body);
    expect([response.status, JSON.stringify(await response.json())]).toEqual([
      200,
      expect.stringContaining("[0]"),
    ]);
  });

  it("an entry script may pass its own members on, but none of these in another case or place", async () => {
    let model: Awaited<ReturnType<EntryContext["loadModel"]>>;
    let context: EntryContext;
    const scripted = await startApp(
      { AZUREML_MODEL_DIR: golden("binary") },
      {
        async init(given) {
          context = given;
          model = await context.loadModel();
        },
        run: (body) => context.score(model, body),
      },
    );
    expect((await scripted.post({ data: rows, model: "a", threshold: 1 })).status).toBe(200);
    const refused = await scripted.post({ data: rows, Method: method });
    expect(await refused.json()).toEqual({ message: `unknown member "Method"; expected ${DATA}` });
    expect((await scripted.post({ data: rows, params: { method } })).status).toBe(400);
    await scripted.stop();
  });

  it("the documents know no other members either", async () => {
    const document = (await (await app.get("/swagger.json?version=3")).json()) as Json;
    const { anyOf } = document.paths["/score"].post.requestBody.content["application/json"].schema;
    for (const schema of anyOf) expect(schema.additionalProperties).toBe(false);
    expect(anyOf[1].properties.params.additionalProperties).toBe(false);
  });
});
