import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PbfWriter } from "../../../scoring-app/node_modules/pbf/index.js";
import { readModelFile } from "../../../scoring-app/src/runtime/onnx/graph.ts";
import { type Dependence, dependences } from "../../../scoring-app/src/runtime/onnx/independence.ts";
import { golden } from "../app.ts";
import { APART, MIXING } from "../mixing-models.ts";
import { type Constant, type GraphText, message, onnxModel } from "../onnx-model.ts";

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
    [
      "a scan of version 8, whose first axis is one of batches",
      ["N", 3],
      [
        [
          "Scan",
          "length,c",
          "s",
          {
            num_scan_inputs: 1,
            body: { inputs: { i: { shape: [3] } }, outputs: { o: undefined }, nodes: [["Neg", "i", "o"]] },
          },
        ],
        ["Add", "x,s", "y"],
      ],
      { length: ints(4), c: floats(1, 4, 3) },
      8,
    ],
    [
      "a scan whose body tells the number of rows",
      ["N", 3],
      [
        [
          "Scan",
          "c",
          "d",
          {
            num_scan_inputs: 1,
            body: { inputs: { i: { shape: [3] } }, outputs: { o: undefined }, nodes: [["Shape", "x", "o"]] },
          },
        ],
        ["Cast", "d", "f", { to: 1 }],
        ["ReduceSum", "f", "s", { keepdims: 0 }],
        ["Add", "x,s", "y"],
      ],
      { c: floats(4, 3) },
    ],
    [
      "a scan whose state, a list of integers, changes",
      ["N", 4],
      [
        [
          "Scan",
          "one,c",
          "last,d",
          {
            num_scan_inputs: 1,
            body: {
              inputs: { k: { shape: [1] }, i: { shape: [3] } },
              outputs: { next: undefined, o: undefined },
              nodes: [
                ["Sub", "k,one", "next"],
                ["ReduceSum", "x,k", "o", { keepdims: 0 }],
              ],
            },
          },
        ],
        ["Transpose", "d", "y", { perm: [1, 0] }],
      ],
      { one: ints(1), c: floats(2, 3) },
    ],
    [
      "broadcasting before version 7",
      ["N", 3],
      [["Add", "x,c", "y", { broadcast: 1, axis: 0 }]],
      { c: floats(5) },
      6,
    ],
    ["ONNX's own under its other name", ["N"], [["ai.onnx:Softmax", "x", "y"]], {}],
    [
      "a column, which a constant node picks: a vector",
      ["N", 3],
      [
        ["Constant", "", "c", { value_int: 0 }],
        ["Gather", "x,c", "g", { axis: 1 }],
        ["Softmax", "g", "y"],
      ],
      {},
    ],
    ["an axis that is not there", ["N", 3], [["Softmax", "x", "y", { axis: 2 }]], {}],
    [
      "a shape backwards, its axes left out",
      ["N", 3],
      [
        ["Shape", "x", "shape"],
        ["Slice", "shape,last,far,,minus", "back"],
        ["ConstantOfShape", "back", "zeros"],
        ["Exp", "zeros", "ones"],
        ["ReduceSum", "ones", "count", { keepdims: 0 }],
        ["Add", "x,count", "y"],
      ],
      { last: ints(-1), far: ints(-100), minus: ints(-1) },
    ],
    [
      "a shape from tables of integers side by side",
      ["N", 3],
      [
        ["Concat", "t,u", "table", { axis: 1 }],
        ["Reshape", "table,flat", "list"],
        ["Slice", "list,from,to", "three"],
        ["Reshape", "x,three", "y"],
      ],
      {
        t: { shape: [2, 1], values: [1, -1], type: "int64" },
        u: { shape: [2, 1], values: [3, 9], type: "int64" },
        ...{ flat: ints(-1), from: ints(1), to: ints(3) },
      },
    ],
    [
      "a recurrence whose initial state has the rows in another order",
      ["N", 2],
      [
        ["Reshape", "x,pairs", "r"],
        ["Unsqueeze", "r,z", "t"],
        ["Concat", "x,x", "both", { axis: 0 }],
        ["Unsqueeze", "both,z", "h"],
        ["GRU", "t,w,u,,,h", "s,last", { hidden_size: 2 }],
        ["Squeeze", "last,z", "table"],
        ["Reshape", "table,row", "y"],
      ],
      { pairs: ints(-1, 1), z: ints(0), row: ints(-1, 4), w: floats(1, 6, 1), u: floats(1, 6, 2) },
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

it("an operator that the file defines itself is not the one of that name", () => {
  const relu = onnxModel({ inputs: {}, outputs: { y: undefined }, nodes: [["Relu", "x", "y"]] });
  const defined = new PbfWriter();
  message(defined, 25, (own) => {
    own.writeStringField(1, "Relu");
    own.writeStringField(10, "");
  });
  const mixes = (bytes: Uint8Array) =>
    dependences(readModelFile(bytes), [{ name: "x", shape: ["N", 3], type: "float32" }], ["y"]).get("y")!
      .mixes;
  expect(mixes(relu)).toBeUndefined();
  expect(mixes(new Uint8Array([...relu, ...defined.finish()]))).toMatch(/not known to keep rows apart/);
});

it("the number of rows, as an output, depends on the other rows", () => {
  expect(reason(["N", 3], [["Shape", "x", "y"]])).toBe("the output depends on the number of rows");
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
      "numbers of constant nodes",
      ["N", 3],
      [
        ["Constant", "", "two", { value_float: { float: 2 } }],
        ["Mul", "x,two", "m"],
        ["Constant", "", "first", { value_int: 0 }],
        ["Gather", "m,first", "g", { axis: 1 }],
        ["Constant", "", "last", { value_ints: [1] }],
        ["Unsqueeze", "g,last", "u"],
        ["Softmax", "u", "y"],
      ],
      {},
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
