import type { DeclaredTensor } from "../runtime/runtime.ts";

/** Which of a model's outputs /score answers with: positions in the list of outputs. */
export interface Roles {
  /** Predictions: the labels of a classifier, else all outputs. */
  predictions: number[];
  /** A classifier's probabilities: one output with a column a class, or one output a class; empty where there are none. */
  probabilities: number[];
}

export const isLabel = ({ type }: DeclaredTensor) =>
  ["int64", "int32", "uint32", "string", "bool"].includes(type);
const isFloat = ({ type }: DeclaredTensor) => ["float32", "float64", "float16"].includes(type);
const isColumn = ({ shape }: DeclaredTensor) => shape.length === 1 || (shape.length === 2 && shape[1] === 1);

/**
 * Converters give a classifier a label output and floating-point ones: a column a class, or (skl2onnx with zipmap
 * "columns") an output a class. Those of clustering and of outlier detection are named scores and are no probabilities.
 */
export function rolesOf(outputs: readonly DeclaredTensor[]): Roles {
  const label = outputs.findIndex(isLabel);
  const floats = outputs.flatMap((output, index) => (isFloat(output) ? [index] : []));
  const [first] = floats;
  // Labels alone are so many predictions; so are an integer and a number, unless its name says what it is beside a label.
  const pair = outputs.length === 2 && first !== undefined && isColumn(outputs[first]!);
  if (label === -1 || first === undefined || (pair && !/prob|scores?$/i.test(outputs[first]!.name))) {
    return { predictions: [...outputs.keys()], probabilities: [] };
  }
  const named = floats.filter((index) => /prob/i.test(outputs[index]!.name));
  const others = floats.filter((index) => !/scores?$/i.test(outputs[index]!.name));
  const candidates = named.length > 0 ? named : others;
  const columns = candidates.length > 1 && candidates.every((index) => isColumn(outputs[index]!));
  return { predictions: [label], probabilities: columns ? candidates : candidates.slice(0, 1) };
}
