import { readModelFile } from "../../../scoring-app/src/runtime/onnx/graph.ts";
import { type Dependence, dependences } from "../../../scoring-app/src/runtime/onnx/independence.ts";
import { type Constant, type GraphText, onnxModel } from "../onnx-model.ts";

export function known({ inputs = {}, ...graph }: GraphText): Dependence {
  const file = readModelFile(onnxModel({ inputs, ...graph }));
  const declared = Object.entries(inputs).map(([name, { shape, type = "float32" }]) => ({
    name,
    shape,
    type,
  }));
  return dependences(file, declared, ["y"]).get("y")!;
}

export const ints = (...values: number[]): Constant => ({ shape: [values.length], values, type: "int64" });
export const floats = (...shape: number[]): Constant => ({
  shape,
  values: new Array(shape.reduce((all, size) => all * size, 1)).fill(1),
});

/** The reason for a graph of nodes that take "x", of these dimensions, and give "y". */
export const reason = (
  shape: (number | string)[],
  nodes: GraphText["nodes"],
  constants: Record<string, Constant> = {},
  version = 17,
) => known({ inputs: { x: { shape } }, outputs: { y: undefined }, nodes, constants, version }).mixes;
