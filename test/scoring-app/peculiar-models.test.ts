import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { partOf } from "../../scoring-app/src/model/cells.ts";
import { rolesOf } from "../../scoring-app/src/model/roles.ts";
import { servedOutputs } from "../../scoring-app/src/runtime/onnx/outputs.ts";
import type { DeclaredTensor } from "../../scoring-app/src/runtime/runtime.ts";
import { golden, type Json, loadModel, startApp } from "./app.ts";

describe("a folder without model.json whose encoders refuse unknown categories", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("strict-categories") });
  afterAll(() => app.stop());

  it("has a sample that the model scores", async () => {
    expect(app.assembled.service.sample).toEqual({ data: [[2, 0, "Bern", "a"]] });
    expect((await app.post(app.assembled.service.sample)).status).toBe(200);
  });

  it("an unknown category is 400 that names the row, and nobody else's request fails with it", async () => {
    const good = [2, 0, "Bern", "a"];
    const bad = [2, 0, "Paris", "a"];
    const [refused, served] = await Promise.all([
      app.post({ data: [good, good, good, bad, good] }),
      app.post({ data: [good] }),
    ]);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      message: expect.stringMatching(
        /^row 3: the model refuses these values: Unknown Category.*OneHotEncoder/,
      ),
    });
    expect(served.status).toBe(200);
  });

  it("so under /v2", async () => {
    const column = (name: string, datatype: string, data: unknown[]) => ({
      name,
      datatype,
      shape: [1, 1],
      data,
    });
    const inputs = [
      column("rooms", "INT64", [77]),
      column("area", "FP32", [1]),
      column("city", "BYTES", ["Bern"]),
      column("grade", "BYTES", ["a"]),
    ];
    const response = await app.post({ inputs }, "/v2/models/model/infer");
    expect(response.status).toBe(400);
    expect(((await response.json()) as Json).error).toMatch(/^row 0: the model refuses/);
  });

  it("a sample in model.json that the model does not score: does not load, and says what to do", async () => {
    const folder = await mkdtemp(join(tmpdir(), "peculiar-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await copyFile(`${golden("strict-categories")}/model.onnx`, join(folder, "model.onnx"));
    await writeFile(join(folder, "model.json"), '{"inputs": [{"name": "city", "sample": ["Paris"]}]}');
    await expect(loadModel(folder)).rejects.toThrow(
      /does not score its sample.*Paris.*Unknown Category.*"sample" in model.json/,
    );
  });
});

describe("a model whose columns have no names", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("labels-across") });
  afterAll(() => app.stop());
  const row = [5.1, 3.5, 1.4, 0.2];
  const csv = (body: string) =>
    app.get("/score", { method: "POST", headers: { "content-type": "text/csv" }, body });

  it.each(["a,b,c,d", "0,1,2,3"])("CSV under the header %s: cells in order", async (header) => {
    expect(await (await csv(`${header}\n${row}\n`)).json()).toEqual([0]);
  });

  it("CSV with the index that pandas writes: it is no cell", async () => {
    expect(await (await csv(`,0,1,2,3\n0,${row}\n1,${row}\n`)).json()).toEqual([0, 0]);
  });

  it.each([
    ["a,b,c\n1,2,3\n", "CSV header: expected 4 columns, given 3"],
    [",b,c\n1,2,3\n", "CSV header: expected 4 columns, given 3"],
    ["a,b,c,d,e\n1,2,3,4,5\n", "CSV header: expected 4 columns, given 5"],
    [`${row}\n${row}\n`, 'CSV: expected a header line, given "5.1,3.5,1.4,0.2"'],
  ])("CSV %j: 400", async (body, message) => {
    const response = await csv(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message });
  });

  it("a data frame: cells in order; records: 400, since objects have no order", async () => {
    const frame = { columns: ["a", "b", "c", "d"], data: [row] };
    expect(await (await app.post({ input_data: frame })).json()).toEqual([0]);
    const refused = await app.post({ data: [{ a: 1, b: 2, c: 3, d: 4 }] });
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as Json).message).toMatch(/have no names \(model.json gives them\)/);
  });
});

it("decision values are not answered as probabilities", async () => {
  const model = await loadModel(golden("decision-values"));
  await expect(model.predict([[5.1, 3.5, 1.4, 0.2]], "predict_proba")).rejects.toThrow(
    /predict_proba is not there: output "probabilities" has other values, as \[.*\] for row 0/,
  );
});

it("a graph that takes one row a run is found out", async () => {
  expect((await loadModel(golden("hidden-one-row"))).signature.rowsPerRun).toBe(1);
  expect((await loadModel(golden("ridge"))).signature.rowsPerRun).toBe(Number.POSITIVE_INFINITY);
});

describe("roles of outputs", () => {
  const output = (name: string, type: string, shape: (number | string)[] = ["N", 3]): DeclaredTensor => ({
    name,
    type,
    shape,
  });
  const label = output("label", "int64", ["N"]);
  it.each<[DeclaredTensor[], number[], number[]]>([
    [[output("variable", "float32")], [0], []],
    [[output("mean", "float32"), output("std", "float32")], [0, 1], []],
    [[label], [0], []],
    [[label, output("second", "string", ["N"])], [0, 1], []],
    [[label, output("second", "int64", ["N"]), output("probabilities", "float32")], [0], [2]],
    [[label, output("probabilities", "float32")], [0], [1]],
    [[output("probs", "float64"), label], [1], [0]],
    [[label, output("scores", "float32"), output("probabilities", "float32")], [0], [2]],
    [[label, output("scores", "float32")], [0], []],
    [[label, output("a", "float32", ["N"]), output("b", "float32", ["N", 1])], [0], [1, 2]],
    [[label, output("price", "float32", ["N", 1])], [0, 1], []],
    [[label, output("scores", "float32"), output("score_samples", "float32", ["N", 1])], [0], [2]],
    [[label, output("probability", "float32", ["N", 1])], [0], [1]],
    [[label, output("score", "float32", ["N", 1])], [0], []],
    [
      [output("PredictedLabel.output", "uint32", ["N", 1]), output("Probability.output", "float32")],
      [0],
      [1],
    ],
    [[label, output("a", "float32", ["N"]), output("b", "float32")], [0], [1]],
    [[label, output("probabilities", "float16")], [0], [1]],
  ])("%j", (outputs, predictions, probabilities) => {
    expect(rolesOf(outputs)).toEqual({ predictions, probabilities });
  });

  it("serves tensors with a row a row", () => {
    const tensor = (name: string, shape: (number | string)[]) => ({
      isTensor: true,
      name,
      type: "float32",
      shape,
    });
    const sequence = { isTensor: false, name: "sequence" };
    const constant = new Map([["constant", { constant: true }]]);
    const served = (...metadata: object[]) =>
      servedOutputs(metadata as never, constant).map(({ name }) => name);
    const [b, c] = [tensor("b", [2, "N", 3]), tensor("c", [1, 2, 3])];
    expect(served(tensor("a", ["N"]), sequence, b, c, tensor("constant", ["N"]))).toEqual(["a", "c"]);
    expect(() => served(sequence)).toThrow(
      'no output is a tensor with a row a row; the outputs are "sequence"',
    );
  });
});

it("a part of a feed has the cells of its rows", () => {
  const feed = { rows: 3, values: [new Float32Array([1, 2, 3, 4, 5, 6]), ["a", "b", "c"]] };
  expect(partOf(feed, 1, 3)).toEqual({ rows: 2, values: [new Float32Array([3, 4, 5, 6]), ["b", "c"]] });
});
