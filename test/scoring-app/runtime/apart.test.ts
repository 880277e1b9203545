import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PbfWriter } from "../../../scoring-app/node_modules/pbf/index.js";
import { readModelFile } from "../../../scoring-app/src/runtime/onnx/graph.ts";
import { dependences } from "../../../scoring-app/src/runtime/onnx/independence.ts";
import { golden } from "../app.ts";
import { APART } from "../mixing-models.ts";
import { type Constant, type GraphText, message, onnxModel } from "../onnx-model.ts";
import { floats, ints, known, reason } from "./dependence.ts";

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
