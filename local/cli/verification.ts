import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "../system/files.ts";

/** Predictions of the library that trained the model, for the rows that it was trained on. */
interface Reference {
  /** SHA-256 of the model.onnx that they belong to, hex. */
  model: string;
  data: number[][];
  predictions: number[];
}

/** Largest relative difference from the trainer's prediction: ONNX Runtime computes in single precision. */
const tolerance = 1e-4;

/** The two rows of the deployment procedure, and what scikit-learn answers for them. */
const procedure = {
  rows: [
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  ],
  predictions: [6783.2888, 4073.0498],
};

/**
 * Scores through the deployed endpoint: for the committed model the procedure's two rows and every patient of the
 * diabetes data, compared with scikit-learn's own predictions; for another model, or an entry script that takes another
 * body, the endpoint's own sample alone, where it has one.
 *
 * @param folder - of the model.
 * @returns the body of a first request of one's own, and what to tell the person.
 * @throws Error when an answer is wrong.
 */
export async function scoreAndCompare(
  scoringUrl: string,
  folder: string,
): Promise<{ body: unknown; lines: string[] }> {
  const sample = await sampleBody(scoringUrl);
  if (sample === undefined)
    return {
      body: sample,
      lines: ["The model has no sample: a sample_request.json beside its script would be scored now."],
    };
  const reference = isRows(sample) ? await committedReference(folder) : undefined;
  if (!reference) {
    const answer = await post(scoringUrl, sample);
    return { body: sample, lines: [`The model's own sample scores ${JSON.stringify(answer)}.`] };
  }
  const two = await score(scoringUrl, procedure.rows);
  requireClose("the procedure's two rows", two, procedure.predictions);
  const latencies: number[] = [];
  const answers: number[] = [];
  for (const row of reference.data) {
    const since = performance.now();
    answers.push(...(await score(scoringUrl, [row])));
    latencies.push(performance.now() - since);
  }
  const largest = requireClose("the diabetes data", answers, reference.predictions);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  return {
    body: { data: procedure.rows },
    lines: [
      `Predictions for the two rows: ${JSON.stringify(two)}`,
      `Patients: ${answers.length} of ${reference.data.length} as scikit-learn predicts, largest relative difference ${largest.toExponential(1)}`,
      `Latency, one patient a request: median ${at(0.5)} ms, 99th percentile ${at(0.99)} ms`,
    ],
  };
}

/** The reference, if it belongs to the model that is there; your own model has none. */
async function committedReference(folder: string): Promise<Reference | undefined> {
  const reference = await readJson<Reference>(join(folder, "diabetes.json"));
  if (!reference) return undefined;
  const model = hash("sha256", await readFile(join(folder, "model.onnx")));
  return reference.model === model ? reference : undefined;
}

const score = (scoringUrl: string, data: number[][]) => post(scoringUrl, { data }) as Promise<number[]>;

async function post(scoringUrl: string, body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return answerOf(await fetch(scoringUrl, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  try {
    return JSON.parse(text);
  } catch {
    return text; // of an entry script that answers with something else
  }
}

/** What /swagger.json shows as an example for POST /score. */
async function sampleBody(scoringUrl: string): Promise<unknown> {
  const document = (await answerOf(await fetch(new URL("/swagger.json?version=3", scoringUrl)))) as {
    paths: {
      "/score": { post?: { requestBody?: { content: { "application/json"?: { example?: unknown } } } } };
    };
  };
  return document.paths["/score"].post?.requestBody?.content["application/json"]?.example;
}

const isRows = (sample: unknown) => Array.isArray((sample as { data?: unknown } | null)?.data);

/** The largest relative difference; throws where one exceeds the tolerance or an answer is missing. */
function requireClose(what: string, answers: number[], expected: number[]): number {
  const differences = expected.map(
    (value, index) => Math.abs((answers[index] ?? Number.NaN) - value) / Math.abs(value),
  );
  const wrong = differences.filter((difference) => !(difference <= tolerance)).length;
  if (wrong > 0 || answers.length !== expected.length) {
    throw new Error(
      `${expected.length - wrong} of ${expected.length} predictions for ${what} are scikit-learn's; the others differ by more than ${tolerance}.`,
    );
  }
  return Math.max(...differences);
}
