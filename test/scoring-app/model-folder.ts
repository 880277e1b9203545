import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GraphText, onnxModel } from "./onnx-model.ts";

/** A folder with a model of its own, until the test ends. */
export async function modelFolder(model: GraphText | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "model-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "model.onnx"), model instanceof Uint8Array ? model : onnxModel(model));
  return folder;
}
