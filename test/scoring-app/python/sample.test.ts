import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Json } from "../app.ts";
import { runToEnd } from "../process.ts";
import { azurePython, script, settingsOf, startInTest, startOurs, until } from "./servers.ts";

/** A folder with text.py as score.py, and a sample beside it. */
async function withSample(sample: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "script-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await copyFile(script("text.py"), join(folder, "score.py"));
  await writeFile(
    join(folder, "sample_request.json"),
    typeof sample === "string" ? sample : JSON.stringify(sample),
  );
  return join(folder, "score.py");
}

const swagger = async (url: string): Promise<Json> => {
  const document: Json = await (await fetch(`${url}/swagger.json?version=3`)).json();
  return document.paths["/score"].post;
};

describe("sample_request.json beside the script", () => {
  it("is scored at start, compared with its expected, and shown without that", async () => {
    const asked = { do: "value", value: [1.00001, { a: "x" }, null] };
    const path = await withSample({ ...asked, expected: [1, { a: "x" }, null] });
    const server = await startInTest(path);
    expect((await swagger(server.url)).requestBody.content["application/json"].example).toEqual(asked);
  });

  it.each([
    [{ do: "raise" }, "run() does not score sample_request.json: it answers 500"],
    [
      { do: "value", value: { a: [1, 2.5] }, expected: { a: [1, 2] } },
      'run() answers sample_request.json otherwise than its "expected" says: 1 values differ, most of all at a.1: expected 2, computed 2.5 (off by 0.5, tolerance 0.0002)',
    ],
    [{ do: "value", value: 2, expected: 1, tolerance: 0.5 }, "off by 1, tolerance 0.5"],
    [{ do: "value", value: "b", expected: "a" }, 'expected "a", computed "b" (they must be equal)'],
    [
      '{"do": "value", "value": 5, "expected": Infinity}',
      "expected Infinity, computed 5 (they must be equal)",
    ],
    ['{"do": "value", "value": NaN, "expected": 1}', "expected 1, computed NaN (they must be equal)"],
    [{ expected: 1, tolerance: "x" }, '"tolerance" is "x", expected a number from 0'],
    ["{", "sample_request.json is not JSON"],
  ])("%j: the app does not start, and says why", async (sample, message) => {
    const { code, output } = await runToEnd({ AZUREML_ENTRY_SCRIPT: await withSample(sample) });
    expect(code).toBe(1);
    const last = JSON.parse(output.trim().split("\n").at(-1)!).message;
    expect(last).toContain("the app does not start: ");
    expect(last).toContain(message);
  });

  it("may have what JSON does not have, as Python reads it", async () => {
    const path = await withSample(
      '{"do": "value", "value": [NaN, -Infinity, 12345678901234567890], "expected": [NaN, -Infinity, 12345678901234567890]}',
    );
    const server = await startInTest(path);
    const { example } = (await swagger(server.url)).requestBody.content["application/json"];
    expect(example.value.slice(0, 2)).toEqual([null, null]);
  });

  it("may be no object", async () => {
    const path = await withSample([1, 2]);
    const server = await startInTest(path);
    expect((await swagger(server.url)).requestBody.content["application/json"].example).toEqual([1, 2]);
  });
});

it("without one, the sample of inference_schema's decorators is scored and shown, with their schemas", async () => {
  const server = await startOurs("decorated.py", azurePython());
  onTestFinished(async () => void (await server.end()));
  const { requestBody, responses } = await swagger(server.url);
  const { schema, example } = requestBody.content["application/json"];
  expect(example.data).toEqual([[1.5, 2]]);
  expect(schema.properties.data).toMatchObject({ type: "array", format: "numpy.ndarray" });
  expect(schema.properties.nested.properties.frame.format).toBe("pandas.DataFrame:records");
  expect(responses["200"].content["application/json"].schema).toMatchObject({ type: "array" });
  const body = JSON.stringify(example);
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${server.url}/score`, { method: "POST", headers, body })).status).toBe(200);
});

it("a decorator's sample may have what JSON does not have: run() gets it, clients see null", async () => {
  const server = await startOurs("sample_with_nan.py", azurePython());
  onTestFinished(async () => void (await server.end()));
  const { example } = (await swagger(server.url)).requestBody.content["application/json"];
  expect(example).toEqual({ data: [[1.5, null]] });
  await until(() => server.lines.some(({ message }) => message === "scored [[1.5, nan]]"));
});

it("a decorator's sample that run() does not score keeps the app from starting, and the log says what to write instead", async () => {
  const { code, output } = await runToEnd(settingsOf("bad_sample.py", azurePython()));
  expect(code).toBe(1);
  expect(output).toContain("run() does not score the sample of its decorator: it answers 500");
  expect(output).toContain("sample_request.json beside it is taken before that of a decorator");
});

it("a decorators' sample leaves out what no decorator tells of and run() does not need", async () => {
  const server = await startOurs("partly_decorated.py", azurePython());
  onTestFinished(async () => void (await server.end()));
  const { example } = (await swagger(server.url)).requestBody.content["application/json"];
  expect(example).toEqual({ data: [1], needed: "" });
  await until(() => server.lines.some(({ message }) => message === "scored [1] '' predict dict"));
});

it("without any, nothing is scored, and no example is shown", async () => {
  const server = await startInTest("text.py");
  expect((await swagger(server.url)).requestBody.content["application/json"].example).toBeUndefined();
});
