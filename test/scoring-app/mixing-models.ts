import type { Constant, GraphText, NodeText } from "./onnx-model.ts";

const table = (columns: number, type?: "float64") => ({ shape: ["N", columns], type });
const ints = (...values: number[]): Constant => ({ shape: [values.length], values, type: "int64" });
const floats = (shape: number[], ...values: number[]): Constant => ({ shape, values });

/** A model of a table "x" of three columns. */
const model = (
  nodes: NodeText[],
  constants: Record<string, Constant> = {},
  others: Partial<GraphText> = {},
): GraphText => ({
  inputs: { x: table(3) },
  outputs: { y: undefined },
  constants,
  nodes,
  ...others,
});

const WEIGHTS = floats([3, 2], 0.5, -1.25, 2, 0.75, -0.5, 1);

/** As ONNX Runtime's quantize_dynamic writes a layer: the scale is that of all rows of the run. */
const quantized = model(
  [
    ["DynamicQuantizeLinear", "x", "q,scale,zero"],
    ["DynamicQuantizeLinear", "w", "qw,wscale,wzero"],
    ["MatMulInteger", "q,qw,zero,wzero", "product"],
    ["Cast", "product", "float", { to: 1 }],
    ["Mul", "float,scale", "scaled"],
    ["Mul", "scaled,wscale", "y"],
  ],
  { w: WEIGHTS },
);

const normalized: Record<string, Constant> = {
  gamma: floats([3], 1, 2, 3),
  beta: floats([3], 0, 1, 0),
  mean: floats([3], 0, 0, 1),
  variance: floats([3], 1, 1, 2),
};

/** Models whose rows influence each other, and the operator that makes them do it. */
export const MIXING: Record<string, [GraphText, operator: string]> = {
  "quantized dynamically": [quantized, "DynamicQuantizeLinear"],
  "Softmax over axis 0": [model([["Softmax", "x", "y", { axis: 0 }]]), "Softmax"],
  "Softmax of version 11, which normalizes all axes from one on": [
    model([["Softmax", "x", "y", { axis: 0 }]], {}, { version: 11 }),
    "Softmax",
  ],
  "Softmax over axis 0, whose zero the writer left out": [
    model([["Softmax", "x", "y", { axis: { zero: "left out" } }]]),
    "Softmax",
  ],
  "BatchNormalization in training mode": [
    model([["BatchNormalization", "x,gamma,beta,mean,variance", "y,m,v", { training_mode: 1 }]], normalized),
    "BatchNormalization",
  ],
  "product of the rows with each other": [
    model(
      [
        ["Transpose", "x", "t", { perm: [1, 0] }],
        ["MatMul", "x,t", "p"],
        ["ReduceSum", "p,one", "y"],
      ],
      { one: ints(1) },
    ),
    "MatMul",
  ],
  "mean over axis 0": [
    model([
      ["ReduceMean", "x", "mean", { axes: [0] }],
      ["Sub", "x,mean", "y"],
    ]),
    "ReduceMean",
  ],
  "maximum of everything, since no axes are given": [
    model([
      ["ReduceMax", "x", "most"],
      ["Div", "x,most", "y"],
    ]),
    "ReduceMax",
  ],
  "CumSum over axis 0": [model([["CumSum", "x,zero", "y"]], { zero: { ...ints(0), shape: [] } }), "CumSum"],
  "ArgMax over axis 0, by default": [
    model([
      ["ArgMax", "x", "best"],
      ["Cast", "best", "float", { to: 1 }],
      ["Add", "x,float", "y"],
    ]),
    "ArgMax",
  ],
  "TopK over axis 0": [
    model(
      [
        ["TopK", "x,one", "best,at", { axis: 0 }],
        ["Sub", "x,best", "y"],
      ],
      { one: ints(1) },
    ),
    "TopK",
  ],
  "rows in reverse": [
    model([["Slice", "x,start,end,axis,step", "y"]], {
      start: ints(-1),
      end: ints(-1000),
      axis: ints(0),
      step: ints(-1),
    }),
    "Slice",
  ],
  "divided by the number of rows": [
    model(
      [
        ["Shape", "x", "shape"],
        ["Gather", "shape,zero", "count"],
        ["Cast", "count", "float", { to: 1 }],
        ["Div", "x,float", "y"],
      ],
      { zero: ints(0) },
    ),
    "Cast",
  ],
  "rows picked by an index in the model": [
    model(
      [
        ["Gather", "x,first", "one"],
        ["Sub", "x,one", "y"],
      ],
      { first: ints(0) },
    ),
    "Gather",
  ],
  "an operator that nobody here knows": [
    model([
      ["NonZero", "x", "places"],
      ["Cast", "places", "float", { to: 1 }],
      ["ReduceSum", "float", "sum", { keepdims: 0 }],
      ["Add", "x,sum", "y"],
    ]),
    "NonZero",
  ],
  "padded to the longest text, which is counted": [
    {
      inputs: { x: { shape: ["N", 1], type: "string" } },
      outputs: { y: undefined },
      nodes: [
        [
          "com.microsoft:Tokenizer",
          "x",
          "words",
          { mark: 0, mincharnum: 1, pad_value: "#", tokenexp: "[a-z]+" },
        ],
        ["Flatten", "words", "flat"],
        [
          "TfIdfVectorizer",
          "flat",
          "y",
          {
            max_gram_length: 1,
            max_skip_count: 0,
            min_gram_length: 1,
            mode: "TF",
            ngram_counts: [0],
            ngram_indexes: [0, 1],
            pool_strings: ["good", "#"],
          },
        ],
      ],
    },
    "TfIdfVectorizer",
  ],
};

/** Models whose rows keep apart though their operators look as if they did not. */
export const APART: Record<string, GraphText> = {
  "Softmax over axis 1": model([["Softmax", "x", "y", { axis: 1 }]]),
  "Softmax of version 11": model([["Softmax", "x", "y"]], {}, { version: 11 }),
  BatchNormalization: model([["BatchNormalization", "x,gamma,beta,mean,variance", "y"]], normalized),
  "layers, as PyTorch writes them": model(
    [
      ["Gemm", "x,w,b", "h", { transB: 1 }],
      ["Relu", "h", "r"],
      ["LayerNormalization", "r,b", "n", { axis: -1 }],
      ["Shape", "n", "shape"],
      ["Gather", "shape,zero", "rows", { axis: 0 }],
      ["Unsqueeze", "rows,front", "one"],
      ["Concat", "one,minus", "target", { axis: 0 }],
      ["Reshape", "n,target", "y"],
    ],
    {
      w: floats([2, 3], 0.5, -1.25, 2, 0.75, -0.5, 1),
      b: floats([2], 1, 2),
      zero: { ...ints(0), shape: [] },
      front: ints(0),
      minus: ints(-1),
    },
  ),
  "constants that are nodes, as PyTorch writes them": model([
    ["Constant", "", "w", { value: { tensor: WEIGHTS } }],
    ["MatMul", "x,w", "p"],
    ["Constant", "", "half", { value: { tensor: floats([], 0.5) } }],
    ["Mul", "p,half", "q"],
    ["Constant", "", "two", { value_float: { float: 2 } }],
    ["Add", "q,two", "r"],
    ["Constant", "", "list", { value_floats: { floats: [1, 2] } }],
    ["Mul", "r,list", "y"],
  ]),
  "attention within a row": model(
    [
      ["Unsqueeze", "x,last", "q"],
      ["Transpose", "q", "k", { perm: [0, 2, 1] }],
      ["MatMul", "q,k", "scores"],
      ["Softmax", "scores", "weights"],
      ["MatMul", "weights,q", "mixed"],
      ["Squeeze", "mixed,last", "y"],
    ],
    { last: ints(2) },
  ),
  "an embedding": model(
    [
      ["Cast", "x", "index", { to: 7 }],
      ["Abs", "index", "positive"],
      ["Min", "positive,two", "small"],
      ["Gather", "w,small", "vectors"],
      ["Flatten", "vectors", "y"],
    ],
    { w: WEIGHTS, two: ints(2) },
  ),
  "distances to training rows by Scan, as skl2onnx writes neighbours": model(
    [
      [
        "Scan",
        "x,train",
        "state,distances",
        {
          num_scan_inputs: 1,
          body: {
            inputs: { next_in: table(3), next: { shape: [3] } },
            outputs: { next_out: table(3), distance: { shape: ["N"] } },
            nodes: [
              ["Identity", "next_in", "next_out"],
              ["Sub", "next_in,next", "difference"],
              ["ReduceSumSquare", "difference", "distance", { axes: [1], keepdims: 0 }],
            ],
          },
        },
      ],
      ["Transpose", "distances", "t", { perm: [1, 0] }],
      ["TopK", "t,two", "y,places", { axis: 1, largest: 0 }],
    ],
    { train: floats([4, 3], 1, 2, 3, 4, 5, 6, -1, -2, -3, 0, 0, 1), two: ints(2) },
  ),
  "a branch for a column more, as PyTorch writes squeeze": model(
    [
      ["Shape", "x", "shape"],
      ["Gather", "shape,one", "columns"],
      ["Equal", "columns,one", "single"],
      [
        "If",
        "single",
        "y",
        {
          then_branch: { outputs: { a: undefined }, nodes: [["Identity", "x", "a"]] },
          else_branch: { outputs: { b: undefined }, nodes: [["Neg", "x", "b"]] },
        },
      ],
    ],
    { one: { ...ints(1), shape: [] } },
  ),
};
