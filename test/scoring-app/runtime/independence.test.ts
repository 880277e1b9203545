import { describe, expect, it } from "vitest";
import { MIXING } from "../mixing-models.ts";
import type { Constant, GraphText } from "../onnx-model.ts";
import { floats, ints, known, reason } from "./dependence.ts";

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
