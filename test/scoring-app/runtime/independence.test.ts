import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readModelFile } from "../../../scoring-app/src/runtime/onnx/graph.ts";
import { type Dependence, dependences } from "../../../scoring-app/src/runtime/onnx/independence.ts";
import { golden } from "../app.ts";
import { APART, MIXING } from "../mixing-models.ts";
import { type Constant, type GraphText, onnxModel } from "../onnx-model.ts";

function known({ inputs = {}, ...graph }: GraphText): Dependence {
  const file = readModelFile(onnxModel({ inputs, ...graph }));
  const declared = Object.entries(inputs).map(([name, { shape, type = "float32" }]) => ({
    name,
    shape,
    type,
  }));
  return dependences(file, declared, ["y"]).get("y")!;
}

const ints = (...values: number[]): Constant => ({ shape: [values.length], values, type: "int64" });
const floats = (...shape: number[]): Constant => ({
  shape,
  values: new Array(shape.reduce((all, size) => all * size, 1)).fill(1),
});

/** The reason for a graph of nodes that take "x", of these dimensions, and give "y". */
const reason = (
  shape: (number | string)[],
  nodes: GraphText["nodes"],
  constants: Record<string, Constant> = {},
  version = 17,
) => known({ inputs: { x: { shape } }, outputs: { y: undefined }, nodes, constants, version }).mixes;

describe("operators that let rows influence each other are named", () => {
  it.each(Object.entries(MIXING))("%s", (_, [graph, operator]) => {
    expect(known(graph).mixes).toMatch(new RegExp(`^${operator} "n\\d": `));
  });

  it.each<[string, (number | string)[], GraphText["nodes"], Record<string, Constant>, number?]>([
    ["an unknown operator", ["N", 3], [["Custom", "x", "y"]], {}],
    ["a known name in another domain", ["N", 3], [["mine:Relu", "x", "y"]], {}],
    ["Concat between the rows", ["N", 3], [["Concat", "x,c", "y", { axis: 0 }]], { c: floats(1, 3) }],
    ["a product over the rows", ["N", 3], [["MatMul", "c,x", "y"]], { c: floats(1, 5) }],
    [
      "Softmax before version 13 from an axis before that of the rows",
      ["N", 2, 3],
      [
        ["Transpose", "x", "t", { perm: [1, 2, 0] }],
        ["Softmax", "t", "s", { axis: 1 }],
        ["Transpose", "s", "y", { perm: [2, 0, 1] }],
      ],
      {},
      11,
    ],
    ["rows twice", ["N", 3], [["Concat", "x,x", "y", { axis: 0 }]], {}],
    ["Reshape that cuts rows", ["N", 3], [["Reshape", "x,s", "y"]], { s: ints(2, -1) }],
    ["Flatten of everything", ["N", 3], [["Flatten", "x", "y", { axis: 0 }]], {}],
    ["values in the order of rows", ["N", 3], [["Add", "x,c", "y"]], { c: floats(5, 3) }],
    ["an added row", ["N", 3], [["Pad", "x,p", "y"]], { p: ints(1, 0, 0, 0) }],
    ["repeated rows", ["N", 3], [["Tile", "x,r", "y"]], { r: ints(2, 1) }],
    ["Squeeze of what is one in size", ["N", 3], [["Squeeze", "x", "y"]], {}],
    [
      "LayerNormalization from axis 0",
      ["N", 3],
      [["LayerNormalization", "x,c", "y", { axis: 0 }]],
      { c: floats(3) },
    ],
    ["Dropout in training mode", ["N", 3], [["Dropout", "x,,t", "y"]], { t: ints(1) }],
    ["places of the largest", ["N", 2, 4], [["MaxPool", "x", "m,y", { kernel_shape: [2] }]], {}],
    [
      "a recurrence over the rows",
      ["N", 1, 3],
      [["GRU", "x,w,r", "y", { hidden_size: 2 }]],
      { w: floats(1, 6, 3), r: floats(1, 6, 2) },
    ],
    ["stop words, which leave rows out", ["N"], [["StringNormalizer", "x", "y", { stopwords: ["the"] }]], {}],
    ["a vector, which is one row to it", ["N"], [["ai.onnx.ml:LinearRegressor", "x", "y"]], {}],
    ["a row that picks rows", ["N", 3], [["GatherElements", "x,i", "y", { axis: 0 }]], { i: ints(0) }],
    [
      "BatchNormalization before version 14, with its statistics",
      ["N", 3],
      [["BatchNormalization", "x,c,c,c,c", "y,m,v"]],
      { c: floats(3) },
      13,
    ],
    [
      "a scan over the rows",
      ["N", 3],
      [
        [
          "Scan",
          "x",
          "y",
          {
            num_scan_inputs: 1,
            body: { inputs: { i: { shape: [3] } }, outputs: { o: undefined }, nodes: [["Neg", "i", "o"]] },
          },
        ],
      ],
      {},
    ],
    ["a Loop", ["N", 3], [["Loop", ",,x", "y", { body: { outputs: {}, nodes: [] } }]], {}],
    [
      "numbers of the rows",
      ["N", 3],
      [
        ["Shape", "x", "s"],
        ["Gather", "s,z", "n"],
        ["Range", "z,n,o", "r"],
        ["Cast", "r", "y", { to: 1 }],
      ],
      { z: { ...ints(0), shape: [] }, o: { ...ints(1), shape: [] } },
    ],
  ])("%s", (_, shape, nodes, constants, version) => {
    expect(reason(shape, nodes, constants, version)).toEqual(expect.any(String));
  });
});

describe("rows keep apart", () => {
  it.each(Object.entries(APART))("%s", (_, graph) => {
    expect(known(graph)).toEqual({ constant: false });
  });

  it.each<[string, (number | string)[], GraphText["nodes"], Record<string, Constant>]>([
    [
      "rows in the middle, and back",
      ["N", 6],
      [
        ["Reshape", "x,s", "r"],
        ["Transpose", "r", "t", { perm: [1, 0, 2] }],
        ["ReduceSum", "t,z", "y", { keepdims: 0 }],
      ],
      { s: ints(-1, 2, 3), z: ints(0) },
    ],
    [
      "images",
      ["N", 1, 8, 8],
      [
        ["Conv", "x,w", "c"],
        ["Relu", "c", "r"],
        ["MaxPool", "r", "m", { kernel_shape: [2, 2] }],
        ["GlobalAveragePool", "m", "g"],
        ["Flatten", "g", "y"],
      ],
      { w: floats(4, 1, 3, 3) },
    ],
    [
      "a recurrence within a row",
      ["N", 4],
      [
        ["Unsqueeze", "x,a", "u"],
        ["Transpose", "u", "t", { perm: [1, 0, 2] }],
        ["GRU", "t,w,r", "s,h", { hidden_size: 2 }],
        ["Squeeze", "h,z", "y"],
      ],
      { a: ints(2), z: ints(0), w: floats(1, 6, 1), r: floats(1, 6, 2) },
    ],
    [
      "columns by Split, and again by Concat",
      ["N", 4],
      [
        ["Split", "x,s", "a,b", { axis: 1 }],
        ["Concat", "b,a", "y", { axis: -1 }],
      ],
      { s: ints(1, 3) },
    ],
    [
      "quantized with constants",
      ["N", 3],
      [
        ["QuantizeLinear", "x,s,z", "q"],
        ["DequantizeLinear", "q,s,z", "y"],
      ],
      { s: { shape: [], values: [0.5] }, z: { shape: [], values: [0] } },
    ],
    [
      "a shape from the rows' own",
      ["N", 2, 3],
      [
        ["Shape", "x", "s", { end: 1 }],
        ["Concat", "s,m", "t", { axis: 0 }],
        ["Reshape", "x,t", "y"],
      ],
      { m: ints(-1) },
    ],
    [
      "all rows of a Slice",
      ["N", 4],
      [["Slice", "x,s,e,a", "y"]],
      { s: ints(0, 1), e: { shape: [2], values: [2 ** 31, 3], type: "int64" }, a: ints(0, 1) },
    ],
  ])("%s", (_, shape, nodes, constants) => {
    expect(reason(shape, nodes, constants)).toBeUndefined();
  });

  it("text, whose padding is no word", () => {
    const file = readModelFile(readFileSync(`${golden("text")}/model.onnx`));
    const review = { name: "review", type: "string", shape: ["N", 1] };
    expect([...dependences(file, [review], file.outputs).values()]).toEqual([
      { constant: false },
      { constant: false },
    ]);
  });

  it("a constant is told", () => {
    expect(
      known({
        inputs: { x: { shape: ["N", 3] } },
        outputs: { y: undefined },
        nodes: [["Identity", "c", "y"]],
        constants: { c: floats(2) },
      }),
    ).toEqual({
      constant: true,
    });
  });
});
