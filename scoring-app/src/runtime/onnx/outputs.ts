import type { InferenceSession } from "onnxruntime-node";
import type { DeclaredTensor } from "../runtime.ts";
import type { Dependence } from "./independence.ts";

/**
 * The outputs that are served: tensors with a row a row, as far as the file tells. Of multi-output classifiers skl2onnx writes the
 * probabilities as a sequence, or with the outputs before the rows; their labels are served nevertheless. So is what stands beside a
 * constant.
 * @throws Error where nothing is left.
 */
export function servedOutputs(
  metadata: readonly InferenceSession.ValueMetadata[],
  dependence: ReadonlyMap<string, Dependence>,
): DeclaredTensor[] {
  const outputs = metadata.flatMap((output): DeclaredTensor[] => {
    if (!output.isTensor || dependence.get(output.name)?.constant) return [];
    const { name, type, shape } = output;
    if (shape.length > 2 && typeof shape[0] === "number" && shape[0] > 1) return [];
    return [{ name, type, shape }];
  });
  if (outputs.length > 0) return outputs;
  const names = metadata.map(({ name }) => `"${name}"`).join(", ") || "none";
  throw new Error(`model.onnx: no output is a tensor with a row a row; the outputs are ${names}`);
}
