import { join } from "node:path";
import { jsonOf } from "../../../exact-json.ts";
import { parseQuery } from "../../../forms/content.ts";
import type { Settings } from "../../../settings.ts";
import type { ScoreRequest } from "../../runtime.ts";
import { readSample } from "../sample.ts";
import type { Program } from "../served-python.ts";
import { asInputData, exampleOf } from "./example.ts";
import { readMlflowModel } from "./model-file.ts";
import { invocationInputs, predictionsOf, scoreInputs } from "./schemas.ts";

/** What of a request the Python half needs: nothing of JSON for /score. */
function headOf({ path, headers }: ScoreRequest): string {
  const type = headers["content-type"];
  if (path === "/score" && (type === undefined || type === "application/json")) return "";
  return JSON.stringify({ path, type });
}

/**
 * Serves the MLflow model of a folder.
 * @throws Error in one line that says what is wrong with which file.
 */
export async function mlflowProgram(folder: string, gather: Settings["gather"]): Promise<Program> {
  const model = await readMlflowModel(folder);
  const script = join(model.folder, "MLmodel");
  const example = await exampleOf(model);
  const body = example && asInputData(example);
  const predictions = predictionsOf(model);
  const { example: _, outputs: __, ...spec } = model;
  return {
    script,
    subject: "the model",
    setup: jsonOf({ ...spec, gather, example: body ?? null }),
    sample: (await readSample(script)) ?? (body && { from: "its input_example", body }),
    schemas: { input: { anyOf: scoreInputs(model) }, output: predictions },
    invocations: {
      input: { anyOf: invocationInputs(model) },
      output: { type: "object", required: ["predictions"], properties: { predictions } },
      example,
    },
    headOf,
    readQuery: (query) => Buffer.from(jsonOf(parseQuery(query, true))),
  };
}
