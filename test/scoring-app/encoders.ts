import type { Constant, GraphText, NodeText } from "./onnx-model.ts";

const ints = (...values: number[]): Constant => ({ shape: [values.length], values, type: "int64" });

/**
 * A model with so many one-hot encoders of two categories each, "a0" and "b0" of the first column, that refuse any other; as skl2onnx
 * writes them. It answers how many there are.
 * @param oneInput columns of one input, instead of an input a column.
 */
export function encoders(count: number, oneInput = false): GraphText {
  const columns = Array.from({ length: count }, (_, i) => i);
  const column = (i: number) => (oneInput ? `e${i}` : `x${i}`);
  const encode = (i: number): NodeText[] => [
    ...(oneInput ? [["ai.onnx.ml:ArrayFeatureExtractor", `x,i${i}`, column(i)] as NodeText] : []),
    ["ai.onnx.ml:OneHotEncoder", column(i), `o${i}`, { cats_strings: [`a${i}`, `b${i}`], zeros: 0 }],
  ];
  const text = (shape: (number | string)[]) => ({ shape, type: "string" as const });
  return {
    inputs: oneInput
      ? { x: text(["N", count]) }
      : Object.fromEntries(columns.map((i) => [column(i), text(["N", 1])])),
    outputs: { y: undefined },
    nodes: [
      ...columns.flatMap(encode),
      ["Concat", columns.map((i) => `o${i}`).join(","), "all", { axis: -1 }],
      ["Reshape", "all,flat", "table"],
      ["ReduceSum", "table,axis", "y"],
    ],
    constants: {
      ...(oneInput ? Object.fromEntries(columns.map((i) => [`i${i}`, ints(i)])) : {}),
      flat: ints(-1, 2 * count),
      axis: ints(1),
    },
  };
}
