import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { knownCells } from "../../scoring-app/src/model/sample.ts";
import type { ModelInput } from "../../scoring-app/src/model/signature.ts";
import { categoriesOf } from "../../scoring-app/src/runtime/onnx/categories.ts";
import { readModelFile } from "../../scoring-app/src/runtime/onnx/graph.ts";
import { takeOutZipMaps } from "../../scoring-app/src/runtime/onnx/zip-map.ts";
import { golden, loadModel, startApp } from "./app.ts";
import { encoders as encoderModel } from "./encoders.ts";
import { modelFolder } from "./model-folder.ts";
import { type Constant, type GraphText, type NodeText, onnxModel } from "./onnx-model.ts";

const ints = (...values: number[]): Constant => ({ shape: [values.length], values, type: "int64" });

describe("a ZipMap", () => {
  it.each(["zipmap", "catboost"])("of %s becomes what it was made of, in place", (name) => {
    const bytes = readFileSync(`${golden(name)}/model.onnx`);
    const { length } = bytes;
    const before = readModelFile(bytes);
    const after = takeOutZipMaps(bytes);
    expect(bytes).toHaveLength(length);
    expect(before.nodes.map(({ operator }) => operator)).toContain("ZipMap");
    expect(after.nodes.map(({ operator }) => operator)).not.toContain("ZipMap");
    expect(after.outputs).toEqual(before.outputs);
  });

  it("leaves the bytes of other files alone", () => {
    const bytes = readFileSync(`${golden("multiclass")}/model.onnx`);
    const copy = Buffer.from(bytes);
    takeOutZipMaps(bytes);
    expect(bytes.equals(copy)).toBe(true);
  });

  it.each([
    ["catboost", "label", "INT64", "probabilities"],
    ["zipmap", "output_label", "BYTES", "output_probability"],
  ])("of %s: /v2 tells a column a class", async (name, label, datatype, probabilities) => {
    const app = await startApp({ AZUREML_MODEL_DIR: golden(name) });
    expect(await (await app.get("/v2/models/model")).json()).toMatchObject({
      outputs: [
        { name: label, datatype },
        { name: probabilities, datatype: "FP32", shape: [-1, 3] },
      ],
    });
    await app.stop();
  });

  it.each([3, 100, 200, 5000])("with %d classes, and through an Identity", async (count) => {
    const zeros = new Array<number>(count).fill(0);
    const model = onnxModel({
      inputs: { x: { shape: ["N", 2] } },
      outputs: { label: { shape: ["N"], type: "int64" }, dictionaries: { shape: [], map: "int64" } },
      values: { zipped: { shape: [], map: "int64" } },
      nodes: [
        [
          "ai.onnx.ml:LinearClassifier",
          "x",
          "label,scores",
          {
            classlabels_ints: [...zeros.keys()],
            coefficients: { floats: zeros.flatMap((_, i) => [i, 0]) },
            intercepts: { floats: zeros },
            multi_class: 1,
          },
        ],
        ["ai.onnx.ml:ZipMap", "scores", "zipped", { classlabels_int64s: [...zeros.keys()] }],
        ["Identity", "zipped", "dictionaries"],
      ],
    });
    const served = await loadModel(await modelFolder(model));
    const { tensors } = await served.run({ rows: 2, values: [new Float32Array([1, 0, 2, 0])] });
    expect(tensors[1]!.dims).toEqual([2, count]);
    const last = count - 1;
    expect([tensors[1]!.data.at(count - 1), tensors[1]!.data.at(-1)]).toEqual([last, 2 * last]);
    expect(served.signature.alone).toBeUndefined();
  });
});

describe("outputs without a row a row beside one that has", () => {
  const beside = (nodes: NodeText[], constants: Record<string, Constant> = {}): GraphText => ({
    inputs: { x: { shape: ["N", 2] } },
    outputs: { other: undefined, y: undefined },
    nodes: [["Neg", "x", "y"], ...nodes],
    constants,
  });

  it.each<[string, GraphText]>([
    ["a constant", beside([["Identity", "c", "other"]], { c: { shape: [3], values: [1, 2, 3] } })],
    ["a constant of one row", beside([["Identity", "c", "other"]], { c: { shape: [1, 2], values: [1, 2] } })],
    ["a mean of all rows", beside([["ReduceMean", "x", "other", { axes: [0] }]])],
    ["one number for all rows", beside([["ReduceMax", "x", "other", { keepdims: 0 }]])],
    ["the number of rows", beside([["Shape", "x", "other"]])],
    [
      "six means, as if one, two and three rows had several each in one column,",
      beside([
        ["Concat", "x,x,x", "six", { axis: 1 }],
        ["ReduceMean", "six", "other", { axes: [0], keepdims: 0 }],
      ]),
    ],
  ])("%s is left out, and requests share runs", async (_, graph) => {
    const model = await loadModel(await modelFolder(graph));
    expect(model.signature.outputs.map(({ name }) => name)).toEqual(["y"]);
    expect(model.signature).toMatchObject({ alone: undefined, rowsPerRun: Number.POSITIVE_INFINITY });
    expect(
      await model.predict([
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([
      [-1, -2],
      [-3, -4],
    ]);
  });

  it("nothing but a mean: one row a run, as it is", async () => {
    const graph: GraphText = {
      inputs: { x: { shape: ["N", 2] } },
      outputs: { y: undefined },
      nodes: [["ReduceMean", "x", "y", { axes: [0] }]],
    };
    const model = await loadModel(await modelFolder(graph));
    expect(model.signature.rowsPerRun).toBe(1);
    expect(await model.predict([[1, 2]])).toEqual([[1, 2]]);
  });
});

describe("encoders that refuse unknown categories", () => {
  it.each([
    ["an input a column", 24, false],
    ["columns of one input", 24, true],
    ["an input a column", 200, false],
  ])(
    "%s, %d of them: the model is there within 2 s, with a sample that it scores",
    async (_, count, oneInput) => {
      const folder = await modelFolder(encoderModel(count, oneInput));
      const start = performance.now();
      const model = await loadModel(folder);
      expect(performance.now() - start).toBeLessThan(2000);
      expect(model.sample).toEqual(Array.from({ length: count }, (_, i) => `a${i}`));
      expect(await model.predict([model.sample])).toEqual([count]);
    },
  );
});

it("of several encoders' categories a column takes one that all of them know", () => {
  const input = { name: "x", sample: ["", "", 0] } as ModelInput;
  const known = [
    { input: "x", column: 0, values: ["a", "b"] },
    { input: "x", column: 0, values: ["b", "c"] },
    { input: "x", column: 1, values: ["a"] },
    { input: "x", column: 1, values: ["c"] },
    { input: "x", column: 2, values: ["7"] },
    { input: "other", values: ["d"] },
  ];
  expect(knownCells([input], known)).toEqual([["b"], ["a"], [7]]);
});

describe("which column an encoder reads", () => {
  const encoders = (
    nodes: NodeText[],
    constants: Record<string, Constant> = {},
    shape: (number | string)[] = ["N", 4],
  ) => {
    const graph: GraphText = { inputs: { x: { shape } }, outputs: {}, nodes: [], constants };
    const encode: NodeText = ["ai.onnx.ml:OneHotEncoder", "e", "o", { cats_int64s: [7, 8] }];
    const width = typeof shape[1] === "number" ? shape[1] : undefined;
    return categoriesOf(
      readModelFile(onnxModel({ ...graph, nodes: [...nodes, encode] })),
      new Map([["x", width]]),
    ).map(({ input, column }) => [input, column]);
  };

  it.each<[string, NodeText[], Record<string, Constant>, unknown[]]>([
    ["all of an input", [["Cast", "x", "e", { to: 7 }]], {}, [0, 1, 2, 3]],
    ["Gather", [["Gather", "x,i", "e", { axis: 1 }]], { i: ints(2) }, [2]],
    ["Slice", [["Slice", "x,f,t,a", "e"]], { f: ints(1), t: ints(3), a: ints(1) }, [1, 2]],
    ["Split with sizes", [["Split", "x,s", "d,e", { axis: 1 }]], { s: ints(1, 3) }, [1, 2, 3]],
    ["Split", [["Split", "x", "a,b,e,d", { axis: 1 }]], {}, [2]],
    [
      "Concat of what was taken apart",
      [
        ["Gather", "x,i", "g", { axis: 1 }],
        ["Gather", "x,j", "h", { axis: 1 }],
        ["Concat", "g,h", "c", { axis: 1 }],
        ["ai.onnx.ml:ArrayFeatureExtractor", "c,k", "e"],
      ],
      { i: ints(3), j: ints(1), k: ints(1) },
      [1],
    ],
  ])("%s", (_, nodes, constants, expected) => {
    expect(encoders(nodes, constants)).toEqual(expected.map((column) => ["x", column]));
  });

  it("of a file that does not tell how many columns it has", () => {
    expect(encoders([["Identity", "x", "e"]], {}, ["N", "C"])).toEqual([["x", undefined]]);
    expect(encoders([["Gather", "x,i", "e", { axis: 1 }]], { i: ints(5) }, ["N", "C"])).toEqual([["x", 5]]);
  });

  it("of a value that comes from nowhere", () => {
    expect(encoders([])).toEqual([[undefined, undefined]]);
  });
});
