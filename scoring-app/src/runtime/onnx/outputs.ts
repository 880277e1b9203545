import type { InferenceSession } from "onnxruntime-node";
import type { DeclaredTensor } from "../runtime.ts";

/**
 * The outputs that are served: tensors with a row a row. Of multi-output classifiers skl2onnx writes the probabilities as a
 * sequence, or with the outputs before the rows; their labels are served nevertheless.
 * @param hasZipMap whether the file holds the operator that makes dictionaries of probabilities.
 * @throws Error that says how to convert, where nothing is left or probabilities are dictionaries.
 */
export function servedOutputs(
  metadata: readonly InferenceSession.ValueMetadata[],
  hasZipMap: boolean,
): DeclaredTensor[] {
  const outputs: DeclaredTensor[] = [];
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
