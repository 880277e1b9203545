import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type OpenSession,
  RefusedValues,
  type Session,
  type Tensor,
} from "../../../scoring-app/src/runtime/runtime.ts";
import { type Json, startApp, type TestApp } from "../app.ts";

/** Files of ONNX Runtime that this process has loaded. */
const onnxRuntime = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => /onnxruntime/.test(path));

/** Adds a row's two numbers; refuses cities other than Bern. */
class Sums implements Session {
  readonly file = "model.sums";
  readonly platform = "sums";
  readonly inputs = [
    { name: "numbers", type: "float32", shape: ["N", 2] },
    { name: "city", type: "string", shape: ["N", 1] },
  ];
  readonly outputs = [{ name: "sum", type: "float32", shape: ["N", 1] }];
  readonly mixes: (string | undefined)[] = [undefined];
  readonly knownValues = [{ values: ["Paris"] }, { values: ["Bern"] }];
  readonly runs: number[] = [];

  async run([numbers, city]: readonly Tensor[]): Promise<Tensor[]> {
    const rows = numbers!.dims[0]!;
    this.runs.push(rows);
    const cells = numbers!.data as Float32Array;
    if ((city!.data as string[]).some((name) => name !== "Bern")) throw new RefusedValues("not a city");
    const data = Float32Array.from({ length: rows }, (_, row) => cells[2 * row]! + cells[2 * row + 1]!);
    return [{ type: "float32", dims: [rows, 1], data }];
  }
}

describe("an app with another runtime, without ONNX Runtime", () => {
  const session = new Sums();
  const folders: string[] = [];
  const open: OpenSession = async (folder) => {
    folders.push(folder);
    return session;
  };
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ AZUREML_MODEL_DIR: "/a/folder" }, undefined, open);
  });
  afterAll(() => app.stop());

  it("opens the folder once, and finds a sample among the values that it knows", () => {
    expect(folders).toEqual(["/a/folder"]);
    expect(app.assembled.service.sample).toEqual({ data: [[0, 0, "Bern"]] });
  });

  it("serves /score, and several requests in one run", async () => {
    session.runs.length = 0;
    const answers = await Promise.all(
      [1, 2, 3].map(async (number) => (await app.post({ data: [[number, 0.5, "Bern"]] })).json()),
    );
    expect(answers).toEqual([[1.5], [2.5], [3.5]]);
    expect(session.runs.reduce((sum, rows) => sum + rows)).toBe(3);
    const model = app.assembled.service.models.get("model")!;
    session.runs.length = 0;
    await Promise.all([1, 2].map((number) => model.predict([[number, 0, "Bern"]])));
    expect(session.runs).toEqual([2]);
  });

  it("names the row whose values it refuses", async () => {
    const response = await app.post({
      data: [
        [1, 2, "Bern"],
        [1, 2, "Bonn"],
      ],
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      message: "row 1: the model refuses these values: not a city",
    });
  });

  it("serves /v2 and tells its platform", async () => {
    expect(await (await app.get("/v2/models/model")).json()).toMatchObject({
      platform: "sums",
      inputs: [{ name: "numbers", datatype: "FP32", shape: [-1, 2] }, { name: "city" }],
    });
    const inputs = [
      { name: "city", shape: [1, 1], datatype: "BYTES", data: ["Bern"] },
      { name: "numbers", shape: [1, 2], datatype: "FP32", data: [1, 2] },
    ];
    const answer = (await (await app.post({ inputs }, "/v2/models/model/infer")).json()) as Json;
    expect(answer.outputs).toEqual([{ name: "sum", shape: [1, 1], datatype: "FP32", data: [3] }]);
  });

  it("is what an entry script's loadModel opens", async () => {
    const scripted = await startApp(
      {},
      {
        async init({ loadModel }) {
          await loadModel("/another/folder", "sums");
        },
        run: () => "its own",
      },
      open,
    );
    expect(folders.at(-1)).toBe("/another/folder");
    expect([...scripted.assembled.service.models.keys()]).toEqual(["sums"]);
    await scripted.stop();
  });

  it("messages name its file", async () => {
    const odd: Session = {
      ...session,
      inputs: [{ name: "x", type: "complex64", shape: ["N", 2] }],
      run: session.run,
    };
    await expect(startApp({ AZUREML_MODEL_DIR: "/a/folder" }, undefined, async () => odd)).rejects.toThrow(
      'model.sums: input "x" has type complex64',
    );
  });

  it("did all of that without loading ONNX Runtime, which the app's own model does", async () => {
    expect(onnxRuntime()).toEqual([]);
    await (await startApp()).stop();
    expect(onnxRuntime()).not.toEqual([]);
  });
});
