import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { difference, golden, loadModel, startApp } from "./app.ts";

interface Answers {
  columns: string[];
  data: unknown[][];
  predictions: unknown[];
  probabilities?: number[][];
}

const names = readdirSync(golden("")).filter((name) => existsSync(`${golden(name)}/answers.json`));
const TOLERANCE = 1e-4;

describe.each(names)("golden model %s", async (name) => {
  const answers: Answers = JSON.parse(readFileSync(`${golden(name)}/answers.json`, "utf8"));
  // The apps of all models share this process: each takes the start of the others for the cost of its own requests.
  const app = await startApp({ AZUREML_MODEL_DIR: golden(name), MAX_QUEUE_MS: "60000" });
  afterAll(() => app.stop());

  it("gives the library's own answers", async () => {
    const response = await app.post({ data: answers.data });
    expect(response.status).toBe(200);
    expect(difference(await response.json(), answers.predictions)).toBeLessThan(TOLERANCE);
  });

  it("gives the same one row a request, gathered or not", async () => {
    const responses = await Promise.all(answers.data.slice(0, 16).map((row) => app.post({ data: [row] })));
    const single = (await Promise.all(responses.map((response) => response.json()))) as unknown[][];
    expect(difference(single.flat(1), answers.predictions.slice(0, 16))).toBeLessThan(TOLERANCE);
  });

  const asked = answers.probabilities
    ? "gives the library's probabilities when asked"
    : "refuses predict_proba, which it does not have";
  it(asked, async () => {
    const response = await app.post({
      Inputs: { data: answers.data },
      GlobalParameters: { method: "predict_proba" },
    });
    if (answers.probabilities) {
      const { Results } = (await response.json()) as { Results: unknown };
      expect(difference(Results, answers.probabilities)).toBeLessThan(TOLERANCE);
    } else {
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ message: expect.stringContaining("predict_proba") });
    }
  });
});

describe("a folder that is not servable", () => {
  it("names a missing file", async () => {
    await expect(loadModel("/nowhere")).rejects.toThrow(
      /\/nowhere\/model.onnx does not exist; AZUREML_MODEL_DIR/,
    );
  });
});

it("the image's model scores all 442 patients as scikit-learn does", async () => {
  const path = fileURLToPath(new URL("../../scoring-app/model/diabetes.json", import.meta.url));
  const { data, predictions } = JSON.parse(readFileSync(path, "utf8"));
  const app = await startApp();
  const answer = await (await app.post({ data })).json();
  await app.stop();
  expect(data).toHaveLength(442);
  expect(difference(answer, predictions)).toBeLessThan(TOLERANCE);
});
