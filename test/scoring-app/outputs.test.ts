import { describe, expect, it, onTestFinished } from "vitest";
import { loadModel } from "../../scoring-app/src/model/load.ts";
import { openOnnx } from "../../scoring-app/src/runtime/onnx/session.ts";
import type { OpenSession, Session } from "../../scoring-app/src/runtime/runtime.ts";
import { difference, type Json, startApp } from "./app.ts";
import { modelFolder } from "./model-folder.ts";
import { answersOf, INFER, list, NUMBER, schemasOf, serve } from "./shapes.ts";

describe("outputs", () => {
  it("two with a number a row each: an array a row, no longer the first alone", async () => {
    const app = await serve("two-outputs", onTestFinished);
    const { data, predictions } = answersOf("two-outputs");
    const answer = (await (await app.post({ data })).json()) as number[][];
    expect(answer[1]).toHaveLength(2);
    expect(difference(answer, predictions)).toBeLessThan(1e-4);
    expect((await schemasOf(app)).answers[0]).toEqual(list(list(NUMBER, 2)));
    const input = { name: "features", shape: [1, 10], datatype: "FP32", data: data[0] };
    const predict = await app.post({ inputs: [input], outputs: [{ name: "predict" }] }, INFER);
    expect(((await predict.json()) as Json).error).toMatch(
      /has no output "predict"; it has GPmean, GPcovstd/,
    );
  });

  it("probabilities in float16 are FP16 as binary data too", async () => {
    const session: Session = {
      ...(await withOutput((rows) => [rows])("")),
      outputs: [
        { name: "label", type: "int64", shape: ["N"] },
        { name: "probabilities", type: "float16", shape: ["N", 2] },
      ],
      mixes: [undefined, undefined],
      async run([x]) {
        const rows = x!.dims[0]!;
        const probabilities = Float16Array.from({ length: 2 * rows }, (_, index) => (index % 2 ? 0.9 : 0.1));
        return [
          { type: "int64", dims: [rows], data: new BigInt64Array(rows) },
          { type: "float16", dims: [rows, 2], data: probabilities },
        ];
      },
    };
    const app = await startApp({ AZUREML_MODEL_DIR: "/a/folder" }, undefined, async () => session);
    onTestFinished(() => app.stop());
    const inputs = [{ name: "x", shape: [1, 1], datatype: "FP32", data: [1] }];
    const ask = (binary: boolean) =>
      app.post({ inputs, outputs: [{ name: "predict_proba", parameters: { binary_data: binary } }] }, INFER);
    const { outputs } = (await (await ask(false)).json()) as Json;
    expect(outputs[0]).toMatchObject({ datatype: "FP16", shape: [1, 2] });
    const binary = Buffer.from(await (await ask(true)).arrayBuffer()).subarray(-4);
    const view = new DataView(binary.buffer, binary.byteOffset);
    expect([view.getFloat16(0, true), view.getFloat16(2, true)].map((cell) => cell.toPrecision(3))).toEqual(
      outputs[0].data.map((cell: number) => cell.toPrecision(3)),
    );
  });

  it("a table a row: nested, no longer flat", async () => {
    const app = await serve("table-a-row", onTestFinished);
    const row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const table = [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
      [9, 10],
    ];
    const doubled = table.map((pair) => pair.map((value) => 2 * value));
    const answer = await (await app.post({ data: [row, row.map((value) => 2 * value)] })).json();
    expect(answer).toEqual([table, doubled]);
    const { answers } = await schemasOf(app);
    expect(answers[0]).toEqual(list(list(list(NUMBER, 2), 5)));
    expect(answers[1].properties.Results).toEqual(answers[0]);
    const input = { name: "features", shape: [1, 10], datatype: "FP32", data: row };
    const inferred = (await (await app.post({ inputs: [input] }, INFER)).json()) as Json;
    expect(inferred.outputs[0]).toMatchObject({ shape: [1, 5, 2], data: row });
  });

  it("rows × k values in one column, as of a network with two targets: k a row", async () => {
    const app = await serve("in-one-column", onTestFinished);
    const { data, predictions } = answersOf("in-one-column");
    const [one, several] = await Promise.all([app.post({ data: data.slice(0, 1) }), app.post({ data })]);
    expect(difference(await one!.json(), predictions.slice(0, 1))).toBeLessThan(1e-4);
    expect(difference(await several!.json(), predictions)).toBeLessThan(1e-4);
    expect((await schemasOf(app)).answers[0]).toEqual(list(list(NUMBER, 2)));
    const metadata = (await (await app.get("/v2/models/model")).json()) as Json;
    expect(metadata.outputs).toEqual([{ name: "variable", datatype: "FP32", shape: [-1, 2] }]);
    const input = { name: "features", shape: [12, 10], datatype: "FP32", data: data.flat() };
    const inferred = (await (await app.post({ inputs: [input] }, INFER)).json()) as Json;
    expect(inferred.outputs[0].shape).toEqual([12, 2]);
  });

  it("in one column, but one output after the other: a run a row, so that each row has its own", async () => {
    const folder = await modelFolder({
      inputs: { x: { shape: ["N", 2] } },
      outputs: { y: undefined },
      constants: { column: { shape: [2], values: [-1, 1], type: "int64" } },
      nodes: [
        ["Transpose", "x", "t", { perm: [1, 0] }],
        ["Reshape", "t,column", "y"],
      ],
    });
    const rows = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    expect(await (await loadModel(folder, openOnnx)).predict(rows)).toEqual(rows);
  });

  it("probabilities and labels have their schemas", async () => {
    const { answers } = await schemasOf(await serve("multiclass", onTestFinished));
    expect(answers[0]).toEqual({ anyOf: [list({ type: "string" }), list(list(NUMBER, 3))] });
    const columns = await schemasOf(await serve("output-a-class", onTestFinished));
    expect(columns.answers[0]).toEqual({ anyOf: [list({ type: "integer" }), list(list(NUMBER, 3))] });
    const { answers: plain } = await schemasOf(await serve("ridge", onTestFinished));
    expect(plain[0]).toEqual(list(NUMBER));
  });

  /** A session whose only output has these dimensions for so many rows. */
  const withOutput = (dimsOf: (rows: number) => number[]): OpenSession => {
    const session: Session = {
      file: "model.test",
      platform: "test",
      inputs: [{ name: "x", type: "float32", shape: ["N", 1] }],
      outputs: [{ name: "y", type: "float32", shape: ["N"] }],
      mixes: [undefined],
      knownValues: [],
      async run([x]) {
        const dims = dimsOf(x!.dims[0]!);
        const count = dims.reduce((product, size) => product * size, 1);
        return [{ type: "float32", dims, data: new Float32Array(count) }];
      },
    };
    return async () => session;
  };
  const start = async (dimsOf: (rows: number) => number[]) => {
    const app = await startApp({ AZUREML_MODEL_DIR: "/a/folder" }, undefined, withOutput(dimsOf));
    onTestFinished(() => app.stop());
    return app;
  };

  it.each<[string, (rows: number) => number[]]>([
    ["a constant", () => [6]],
    ["a constant of an odd number of values", () => [3, 1]],
    ["a column and a table", (rows) => [3 * rows, 2]],
    ["nothing", () => [0, 1]],
  ])("%s is not taken for k values a row", async (_, dimsOf) => {
    await expect(loadModel("/a/folder", withOutput(dimsOf))).rejects.toThrow(
      /model output "y" has dimensions \[.*\] for 1 rows/,
    );
  });

  it("probabilities in a third dimension are an array a row", async () => {
    const session: Session = {
      ...(await withOutput((rows) => [rows])("")),
      outputs: [
        { name: "label", type: "int64", shape: ["N"] },
        { name: "probabilities", type: "float32", shape: ["N", 1, 3] },
      ],
      mixes: [undefined, undefined],
      async run([x]) {
        const rows = x!.dims[0]!;
        const probabilities = new Float32Array(3 * rows).fill(0.25);
        return [
          { type: "int64", dims: [rows], data: new BigInt64Array(rows) },
          { type: "float32", dims: [rows, 1, 3], data: probabilities },
        ];
      },
    };
    const model = await loadModel("/a/folder", async () => session);
    expect(await model.predict([[1], [2]], "predict_proba")).toEqual([
      [0.25, 0.25, 0.25],
      [0.25, 0.25, 0.25],
    ]);
  });

  it("another number a row than at start is a failure, not an answer", async () => {
    let values = 2;
    const app = await start((rows) => [rows * values]);
    expect(await (await app.post({ data: [[1], [2], [3]] })).json()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    const metadata = (await (await app.get("/v2/models/model")).json()) as Json;
    expect(metadata.outputs[0].shape).toEqual([-1, 2]);
    values = 3;
    expect((await app.post({ data: [[1], [2]] })).status).toBe(500);
  });
});
