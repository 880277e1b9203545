import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../errors.ts";
import { parseText } from "../../../exact-json.ts";
import type { MlflowModel } from "./model-file.ts";

type Fields = Record<string, unknown>;

/** The model's input_example, as a body of /invocations; undefined where it has none, or one that no body holds. */
export async function exampleOf({ folder, example }: MlflowModel): Promise<Fields | undefined> {
  if (!example) return undefined;
  const { serving_input_path: served, artifact_path: path, type, params } = example;
  if (typeof served === "string") return (await contentOf(join(folder, served))) as Fields;
  if (typeof path !== "string") return undefined;
  const content = (await contentOf(join(folder, path))) as Fields;
  const [data, beside] = params ? [content.inputs, { params: content.params }] : [content, {}];
  if (type === "dataframe") return { dataframe_split: data, ...beside };
  if (type !== "ndarray" && type !== "json_object") return undefined;
  const whole = data as Fields | null;
  // Older versions wrote arrays in a form of their own.
  if (type === "ndarray" && (whole?.inputs !== undefined || whole?.instances !== undefined)) return whole;
  return { inputs: data, ...beside };
}

/** As Azure ML's clients send it. */
export function asInputData(example: Fields): Fields {
  const { dataframe_split: table, ...others } = example;
  return table === undefined ? example : { input_data: table, ...others };
}

async function contentOf(path: string): Promise<unknown> {
  try {
    return parseText(await readFile(path, "utf8"), true);
  } catch (error) {
    throw new Error(`${path}, which MLmodel names, cannot be read: ${messageOf(error)}`);
  }
}
