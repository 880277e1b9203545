import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../scoring-app/src/settings.ts";
import { golden, loadModel, startApp } from "./app.ts";

const ROW = new Array(10).fill(1);

describe("limits", () => {
  it("a body above MAX_BODY_BYTES is 413, with and without a length, and the next request is served", async () => {
    const app = await startApp({ MAX_BODY_BYTES: "200" });
    expect((await app.post({ data: new Array(20).fill(ROW) })).status).toBe(413);
    const chunked = await app.get("/score", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([`{"data": [${" ".repeat(500)}]}`]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect((await app.post({ data: [ROW] })).status).toBe(200);
    await app.stop();
  });

  it("more than MAX_ROWS rows are 413, under /v2 too", async () => {
    const app = await startApp({ MAX_ROWS: "2" });
    for (const body of [{ data: [ROW, ROW, ROW] }, { input_data: [ROW, ROW, ROW] }]) {
      const refused = await app.post(body);
      expect(refused.status).toBe(413);
      expect(await refused.json()).toEqual({ message: "3 rows; a request may have 2 (MAX_ROWS)" });
    }
    const tensor = { name: "features", datatype: "FP32", shape: [3, 10], data: new Array(30).fill(1) };
    const response = await app.post({ inputs: [tensor] }, "/v2/models/diabetes/infer");
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ error: "3 rows; a request may have 2 (MAX_ROWS)" });
    await app.stop();
  });

  it("a body in an encoding that is not served is 415", async () => {
    const app = await startApp();
    for (const encoding of ["br", "deflate", "gzip, gzip"]) {
      const response = await app.post({ data: [ROW] }, "/score", { "content-encoding": encoding });
      expect(response.status).toBe(415);
      expect(await response.json()).toEqual({
        message: `Content-Encoding ${encoding}: send gzip or identity`,
      });
    }
    expect((await app.post({ data: [ROW] }, "/score", { "content-encoding": "Identity" })).status).toBe(200);
    await app.stop();
  });
});

describe("settings", () => {
  it("has a default for each, and names every wrong one", () => {
    expect(readSettings({})).toMatchObject({
      port: 8080,
      workers: 1,
      docs: true,
      metrics: true,
      maxQueue: 4096,
    });
    expect(readSettings({ WEBSITES_PORT: "90" }).port).toBe(90);
    expect(readSettings({ WEBSITES_PORT: "90", PORT: "91" }).port).toBe(91);
    expect(() =>
      readSettings({
        WORKER_COUNT: "0",
        DOCS_ENABLED: "yes",
        ACCESS_LOG: "some",
        SCORING_REVISION: "a b",
        HTTP_X_MS_SERVER_VERSION: "a\nb",
      }),
    ).toThrow(
      /SCORING_REVISION: .*; HTTP_X_MS_SERVER_VERSION: .*; WORKER_COUNT=0: .*; DOCS_ENABLED=yes: expected true or false; ACCESS_LOG=some: expected none/,
    );
    expect(() => readSettings({ REQUEST_TIMEOUT_MS: "5" })).toThrow(/REQUEST_TIMEOUT_MS: expected at least/);
  });
});

describe("model.json is checked against model.onnx", () => {
  it.each([
    ["[]", /model.json: not an object/],
    ["{", /model.json is not JSON/],
    ['{"name": 1}', /name is not a string/],
    ['{"inputs": [1]}', /inputs is not a list of objects/],
    ['{"inputs": [{"name": "nope"}]}', /no input "nope" in model.onnx, which has features/],
    ['{"inputs": [{"name": "features", "type": "string"}]}', /has type string, but float32 in model.onnx/],
    [
      '{"inputs": [{"name": "features", "shape": [null, 9]}]}',
      /has shape \[null,9\], but \[null,10\] in model.onnx/,
    ],
    ['{"inputs": [{"name": "features", "columns": ["a"]}]}', /has 1 columns for 10 columns/],
    ['{"inputs": [{"name": "features", "sample": [1]}]}', /has 1 sample values for 10 columns/],
    ['{"inputs": [{"name": "features", "range": [1]}]}', /range is not a list of \[lowest, highest\]/],
    [
      '{"inputs": [{"name": "features", "columns": ["a","a","c","d","e","f","g","h","i","j"]}]}',
      /two columns are named "a"/,
    ],
  ])("%s", async (text, message) => {
    const folder = await mkdtemp(join(tmpdir(), "scoring-"));
    try {
      await copyFile(join(golden("ridge"), "model.onnx"), join(folder, "model.onnx"));
      await writeFile(join(folder, "model.json"), text);
      await expect(loadModel(folder)).rejects.toThrow(message);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
