import { readFileSync } from "node:fs";
import { afterAll } from "vitest";
import { golden, type Json, startApp, type TestApp } from "./app.ts";

/** The library's own answers of a golden model. */
export const answersOf = (name: string) => JSON.parse(readFileSync(`${golden(name)}/answers.json`, "utf8"));
export const INFER = "/v2/models/model/infer";

/** A golden model, served until the block or the test that asks for it has ended. */
export async function serve(
  name: string,
  end: (stop: () => Promise<void>) => void = afterAll,
): Promise<TestApp> {
  const app = await startApp({ AZUREML_MODEL_DIR: golden(name) });
  end(() => app.stop());
  return app;
}

/** Schemas of /score: of a row in {"data": […]}, and of the answers. */
export async function schemasOf(app: TestApp) {
  const { paths } = (await (await app.get("/swagger.json?version=3")).json()) as Json;
  const { requestBody, responses } = paths["/score"].post;
  return {
    rows: requestBody.content["application/json"].schema.anyOf[0].properties.data,
    answers: responses["200"].content["application/json"].schema.anyOf,
  };
}

/** The schema of an array. */
export const list = (items: object, length?: number) =>
  length === undefined
    ? { type: "array", items }
    : { type: "array", items, minItems: length, maxItems: length };
export const NUMBER = { type: "number", nullable: true };
