import { afterAll, describe, expect, it } from "vitest";
import { golden, type Json, startApp } from "./app.ts";

/** Requests as the documentation of MLServer's and KServe's sklearn servers has them. */
const ROWS = [
  [6.8, 2.8, 4.8, 1.4],
  [5.1, 3.5, 1.4, 0.2],
];
const COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
const column = (name: string, index: number, more: object = {}) => ({
  name,
  shape: [2],
  datatype: "FP64",
  data: ROWS.map((row) => row[index]),
  ...more,
});

describe.each(["multiclass", "labels-across"])(
  "the names of sklearn servers: a model like %s",
  async (model) => {
    const app = await startApp({ AZUREML_MODEL_DIR: golden(model) });
    afterAll(() => app.stop());
    const ask = async (body: Json) => {
      const response = await app.post(body, "/v2/models/model/infer");
      return { status: response.status, ...((await response.json()) as Json) };
    };
    const score = async (method: string) => (await app.post({ data: ROWS, method })).json();
    const tensor = (name: unknown) => ({ name, shape: [2, 4], datatype: "FP32", data: ROWS });

    it.each(["input-0", "predict", "x", ""])("the only input may be named %j", async (name) => {
      const { outputs } = await ask({ inputs: [tensor(name)] });
      expect(outputs[0].data).toEqual(await score("predict"));
    });

    it("but it has a name, and there is one of it", async () => {
      const [own] = app.assembled.service.served!.signature.inputs;
      expect((await ask({ inputs: [tensor(undefined)] })).error).toMatch(/has no input nothing/);
      const twice = await ask({ inputs: [tensor(own!.name), tensor(own!.name)] });
      expect(twice.error).toMatch(/^inputs\[1\]: input .* is there twice$/);
    });

    it("outputs predict and predict_proba", async () => {
      const outputs = [{ name: "predict_proba" }, { name: "predict" }];
      const answer = await ask({ inputs: [tensor("predict")], outputs });
      const probabilities = (await score("predict_proba")) as number[][];
      expect(answer.outputs).toEqual([
        { name: "predict_proba", shape: [2, 3], datatype: "FP32", data: probabilities.flat() },
        expect.objectContaining({ name: "predict", data: await score("predict") }),
      ]);
    });

    it("and as binary data", async () => {
      const body = {
        inputs: [tensor("x")],
        outputs: [{ name: "predict_proba", parameters: { binary_data: true } }],
      };
      const response = await app.post(body, "/v2/models/model/infer");
      const bytes = Buffer.from(await response.arrayBuffer());
      const length = Number(response.headers.get("inference-header-content-length"));
      const [{ parameters }] = JSON.parse(bytes.toString("utf8", 0, length)).outputs;
      expect(parameters.binary_data_size).toBe(24);
      const floats = Array.from({ length: 6 }, (_, index) => bytes.readFloatLE(length + 4 * index));
      const probabilities = (await score("predict_proba")) as number[][];
      expect(floats).toEqual(probabilities.flat().map(Math.fround));
    });
  },
);

describe("one input a column for a model of one tensor with named columns", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("multiclass") });
  afterAll(() => app.stop());
  const ask = async (inputs: object[]) => {
    const response = await app.post({ inputs }, "/v2/models/model/infer");
    return [response.status, await response.json()] as [number, Json];
  };
  const inputs = COLUMNS.map((name, index) => column(name, index));

  it("in any order, in one or two dimensions, of any type of number", async () => {
    const expected = await (await app.post({ data: ROWS })).json();
    expect((await ask(inputs))[1].outputs[0].data).toEqual(expected);
    expect((await ask(inputs.toReversed()))[1].outputs[0].data).toEqual(expected);
    const mixed = inputs.with(1, column("sepal_width", 1, { shape: [2, 1], datatype: "FP32" }));
    expect((await ask(mixed))[1].outputs[0].data).toEqual(expected);
  });

  it.each<[string, object[], RegExp]>([
    ["one is missing", inputs.slice(1), /input "sepal_length" is missing/],
    ["one is there twice", [...inputs, inputs[0]!], /inputs\[4\]: input "sepal_length" is there twice/],
    [
      "one is unknown",
      [...inputs, column("shoe", 0)],
      /has no input "shoe"; it has sepal_length, sepal_width/,
    ],
    ["the first is unknown", inputs.with(0, column("shoe", 0)), /has no input "shoe"; it has sepal_length/],
    [
      "a cell does not fit",
      inputs.with(2, column("petal_length", 2, { data: [1, "x"] })),
      /row 1, column petal_length/,
    ],
    [
      "rows differ",
      inputs.with(2, column("petal_length", 2, { shape: [1], data: [1] })),
      /1 rows, but the inputs before/,
    ],
    [
      "one has two columns",
      inputs.with(2, column("petal_length", 2, { shape: [2, 2] })),
      /expected \[ROWS, 1\]/,
    ],
    ["one comes alone", [column("sepal_length", 0)], /expected \[ROWS, 4\]/],
  ])("%s: 400", async (_, given, message) => {
    const [status, { error }] = await ask(given);
    expect(status).toBe(400);
    expect(error).toMatch(message);
  });
});

describe("a model without probabilities", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("ridge") });
  afterAll(() => app.stop());
  const inputs = [{ name: "x", shape: [1, 10], datatype: "FP32", data: new Array(10).fill(0) }];
  const ask = (name: string) => app.post({ inputs, outputs: [{ name }] }, "/v2/models/model/infer");

  it("has predict, and no predict_proba", async () => {
    expect(((await (await ask("predict")).json()) as Json).outputs[0]).toMatchObject({
      name: "predict",
      shape: [1, 1],
    });
    const refused = await ask("predict_proba");
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as Json).error).toMatch(/has no output "predict_proba"; it has variable/);
  });
});

it("decision values are not answered as predict_proba", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("decision-values") });
  const inputs = [{ name: "x", shape: [1, 4], datatype: "FP32", data: ROWS[0] }];
  const response = await app.post({ inputs, outputs: [{ name: "predict_proba" }] }, "/v2/models/model/infer");
  expect(response.status).toBe(400);
  await app.stop();
});
