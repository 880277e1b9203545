import type { InferenceSession } from "onnxruntime-node";

export interface ModelOutput {
  name: string;
  /** As declared; the tensor of a run may differ, and the tensor is right. */
  type: string;
  shape: readonly (number | string)[];
}

/** Which of a model's outputs /score answers with: positions in the list of outputs. */
export interface Roles {
  /** Predictions (labels, for a classifier). */
  prediction: number;
  /** A classifier's probabilities: one output with a column a class, or one output a class; empty where there are none. */
  probabilities: number[];
}

/**
 * The outputs that are served: tensors with a row a row. Of multi-output classifiers skl2onnx writes the probabilities as a
 * sequence, or with the outputs before the rows; their labels are served nevertheless.
 * @param hasZipMap whether the file holds the operator that makes dictionaries of probabilities.
 * @throws Error that says how to convert, where nothing is left or probabilities are dictionaries.
 */
export function servedOutputs(
  metadata: readonly InferenceSession.ValueMetadata[],
  hasZipMap: boolean,
): ModelOutput[] {
  const outputs: ModelOutput[] = [];
  for (const output of metadata) {
    if (!output.isTensor) {
      if (!hasZipMap) continue;
      throw new Error(
        `model.onnx: output "${output.name}" is not a tensor (a ZipMap); convert with ` +
          `options={"zipmap": False} (skl2onnx) or zipmap=False (onnxmltools)`,
      );
    }
    const { name, type, shape } = output;
    if (shape.length > 2 && typeof shape[0] === "number" && shape[0] > 1) continue;
    outputs.push({ name, type, shape });
  }
  if (outputs.length > 0) return outputs;
  const names = metadata.map(({ name }) => `"${name}"`).join(", ") || "none";
  throw new Error(`model.onnx: no output is a tensor with a row a row; the outputs are ${names}`);
}

const isLabel = ({ type }: ModelOutput) => ["int64", "int32", "string", "bool"].includes(type);
const isFloat = ({ type }: ModelOutput) => type === "float32" || type === "float64";
const isColumn = ({ shape }: ModelOutput) => shape.length === 1 || (shape.length === 2 && shape[1] === 1);

/**
 * Converters give a classifier a label output and floating-point ones: a column a class, or (skl2onnx with zipmap
 * "columns") an output a class. Those of clustering and of outlier detection are named scores and are no probabilities.
 */
export function rolesOf(outputs: ModelOutput[]): Roles {
  const label = outputs.findIndex(isLabel);
  const floats = outputs.flatMap((output, index) => (isFloat(output) ? [index] : []));
  if (label === -1) return { prediction: 0, probabilities: [] };
  const named = floats.filter((index) => /prob/i.test(outputs[index]!.name));
  const others = floats.filter((index) => !/scores?$/i.test(outputs[index]!.name));
  const candidates = named.length > 0 ? named : others;
  const columns = candidates.length > 1 && candidates.every((index) => isColumn(outputs[index]!));
  return { prediction: label, probabilities: columns ? candidates : candidates.slice(0, 1) };
}
