import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { OpenSession, Session } from "../../scoring-app/src/runtime/runtime.ts";
import { difference, golden, type Json, startApp } from "./app.ts";
import { answersOf, INFER, list, schemasOf, serve } from "./shapes.ts";

describe("an image of bytes", async () => {
  const app = await serve("digits");
  const { data, predictions } = answersOf("digits") as { data: number[][][]; predictions: number[] };
  const flat = data.map((image) => image.flat());
  const image = data[0]!;

  it("is taken nested or flat, in every form", async () => {
    for (const body of [{ data }, { data: flat }, { input_data: data }, { input_data: flat }]) {
      expect(await (await app.post(body)).json()).toEqual(predictions);
    }
    const wrapped = { Inputs: { data }, GlobalParameters: { method: "predict_proba" } };
    expect(((await (await app.post(wrapped)).json()) as Json).Results[0]).toHaveLength(10);
    const lines = [image.flat().map((_, index) => index), flat[0]].map((cells) => `${cells!.join(",")}\n`);
    const headers = { "content-type": "text/csv" };
    const csv = await app.get("/score", { method: "POST", headers, body: lines.join("") });
    expect(await csv.json()).toEqual(predictions.slice(0, 1));
  });

  it.each([
    [
      image.slice(1),
      'row 1: expected 8 × 8 values of input "image", nested so or flat, given an array of 7 in dimension 0',
    ],
    [image.with(2, [1]), /given an array of 1 in dimension 1$/],
    [image.with(2, 7 as never), /given 7 in dimension 1$/],
    [[image], /given an array of 1 in dimension 0$/],
    [
      image.with(3, image[3]!.with(5, [1] as never)),
      /row 1, column 29: expected an integer from 0 to 255 \(uint8\), given an array of 1/,
    ],
    [flat[0]!.slice(1), "row 1: expected 64 values, given 63"],
    [flat[0]!.with(4, 256), /row 1, column 4: expected an integer from 0 to 255 \(uint8\), given 256/],
    [flat[0]!.with(4, -1), /given -1/],
    [flat[0]!.with(4, 1.5), /given 1.5/],
    [flat[0]!.with(4, null as never), /given null/],
    [7, "row 1: expected an array of 64 values, given 7"],
  ])("%#: 400 that says where", async (row, message) => {
    const response = await app.post({ data: [image, row] });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Json).message).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message),
    );
  });

  it("has a schema, metadata, a sample and one line of /docs", async () => {
    const { rows } = await schemasOf(app);
    const byte = { type: "integer", minimum: 0, maximum: 255 };
    expect(rows).toEqual(list({ anyOf: [list(byte, 64), list(list(byte, 8), 8)] }));
    const metadata = (await (await app.get("/v2/models/model")).json()) as Json;
    expect(metadata.inputs).toEqual([{ name: "image", datatype: "UINT8", shape: [-1, 8, 8] }]);
    expect(app.assembled.service.sample).toEqual({ data: [flat[0]] });
    expect(await (await app.get("/docs")).text()).toContain(
      '"columns":[{"name":"image","type":"uint8, 8 × 8","sample":"64 values"}]',
    );
  });

  const tensor = (shape: number[], rest: object, datatype = "UINT8") => ({
    inputs: [{ name: "image", shape, datatype, ...rest }],
    outputs: [{ name: "label" }],
  });

  it("under /v2 has its dimensions, nested, flat, or as bytes", async () => {
    for (const nested of [data, flat, flat.flat()]) {
      const answer = (await (await app.post(tensor([12, 8, 8], { data: nested }), INFER)).json()) as Json;
      expect(answer.outputs[0].data).toEqual(predictions);
    }
    const binary = { parameters: { binary_data_size: 768 } };
    const head = Buffer.from(JSON.stringify(tensor([12, 8, 8], binary)));
    const response = await app.get(INFER, {
      method: "POST",
      headers: { "inference-header-content-length": String(head.length) },
      body: Buffer.concat([head, Buffer.from(flat.flat())]),
    });
    expect(((await response.json()) as Json).outputs[0].data).toEqual(predictions);
  });

  it.each([[[12, 64]], [[12, 8]], [[12, 8, 8, 1]], [[12, 4, 16]], [[768]]])(
    "shape %j: 400",
    async (shape) => {
      const response = await app.post(tensor(shape, { data: flat.flat() }), INFER);
      expect(response.status).toBe(400);
      expect(((await response.json()) as Json).error).toBe(
        `inputs[0].shape: expected [ROWS, 8, 8], given [${shape.join(", ")}]`,
      );
    },
  );

  it("as other integers, which must be bytes", async () => {
    const send = (values: Int16Array) => {
      const json = tensor([1, 8, 8], { parameters: { binary_data_size: 128 } }, "INT16");
      const head = Buffer.from(JSON.stringify(json));
      return app.get(INFER, {
        method: "POST",
        headers: { "inference-header-content-length": String(head.length) },
        body: Buffer.concat([head, Buffer.from(values.buffer)]),
      });
    };
    expect(((await (await send(Int16Array.from(flat[0]!))).json()) as Json).outputs[0].data).toEqual([
      predictions[0],
    ]);
    expect((await send(Int16Array.from(flat[0]!.with(0, 300)))).status).toBe(400);
  });
});

it("channels before height and width, in float32", async () => {
  const app = await serve("channels-first", onTestFinished);
  const { data, predictions } = answersOf("channels-first");
  const input = { name: "image", shape: [12, 1, 8, 8], datatype: "FP32", data };
  const { outputs } = (await (await app.post({ inputs: [input] }, INFER)).json()) as Json;
  expect(difference(outputs[0].data, predictions.flat())).toBeLessThan(1e-4);
  const flat = data.map((image: number[][][]) => image.flat(2));
  expect(difference(await (await app.post({ data: flat })).json(), predictions)).toBeLessThan(1e-4);
  const channelsLast = data[0][0].map((row: number[]) => row.map((cell) => [cell]));
  expect((await app.post({ data: [channelsLast] })).status).toBe(400);
});

describe("float16", async () => {
  const app = await serve("float16");
  const { inputs, expected } = JSON.parse(await readFile(`${golden("float16")}/model.json`, "utf8"));
  const sample: number[][] = inputs[0].sample;
  const close = (values: unknown) => expect(difference(values, expected)).toBeLessThan(1e-3);
  const tensor = (rest: object, datatype = "FP16") => ({
    inputs: [{ name: "features", shape: [5, 10], datatype, ...rest }],
  });

  it("of JSON: the nearest, and short decimals in the answer", async () => {
    const answer = (await (await app.post({ data: sample })).json()) as number[];
    close(answer);
    for (const value of answer) expect(String(value).length).toBeLessThan(7);
    expect(await (await app.post({ data: [sample[0]!.with(0, null as never)] })).json()).toEqual([null]);
    const refused = await app.post({ data: [sample[0]!.with(0, 65_520)] });
    expect(((await refused.json()) as Json).message).toMatch(
      /expected a number within ±65504 or null \(float16\), given 65520/,
    );
    const { rows } = await schemasOf(app);
    expect(rows.items.items).toEqual({ type: "number", minimum: -65_519, maximum: 65_519, nullable: true });
    expect((await app.post({ data: [sample[0]!.with(0, 65_519)] })).status).toBe(200);
    const infinite = JSON.stringify({ data: [sample[0]!.with(0, 7)] }).replace("7", "-Infinity");
    const headers = { "content-type": "application/json" };
    expect((await app.get("/score", { method: "POST", headers, body: infinite })).status).toBe(200);
  });

  it("under /v2: JSON, and bytes of FP16 and of other floats", async () => {
    const json = (await (await app.post(tensor({ data: sample }), INFER)).json()) as Json;
    expect(json.outputs[0]).toMatchObject({ datatype: "FP16", shape: [5, 1] });
    close(json.outputs[0].data);
    const metadata = (await (await app.get("/v2/models/model")).json()) as Json;
    expect(metadata.inputs[0].datatype).toBe("FP16");
    const arrays = [new Float16Array(sample.flat()), new Float32Array(sample.flat())];
    for (const [index, values] of arrays.entries()) {
      const parameters = { binary_data_size: values.byteLength };
      const head = Buffer.from(
        JSON.stringify({
          ...tensor({ parameters }, index === 0 ? "FP16" : "FP32"),
          parameters: { binary_data_output: true },
        }),
      );
      const response = await app.get(INFER, {
        method: "POST",
        headers: { "inference-header-content-length": String(head.length) },
        body: Buffer.concat([head, Buffer.from(values.buffer)]),
      });
      const body = Buffer.from(await response.arrayBuffer());
      const bytes = body.subarray(Number(response.headers.get("inference-header-content-length")));
      expect(bytes).toHaveLength(10);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      close(expected.map((_: number, row: number) => view.getFloat16(2 * row, true)));
    }
  });
});

it("a column without a dimension of its own is taken with one under /v2 too", async () => {
  const session: Session = {
    file: "model.test",
    platform: "test",
    inputs: [{ name: "x", type: "float32", shape: ["N"] }],
    outputs: [{ name: "y", type: "float32", shape: ["N"] }],
    mixes: [undefined],
    knownValues: [],
    run: async ([x]) => [{ type: "float32", dims: x!.dims, data: x!.data }],
  };
  const app = await startApp({ AZUREML_MODEL_DIR: "/a/folder" }, undefined, async () => session);
  onTestFinished(() => app.stop());
  for (const shape of [[2], [2, 1]]) {
    const inputs = [{ name: "x", shape, datatype: "FP32", data: [1, 2] }];
    const answer = (await (await app.post({ inputs }, INFER)).json()) as Json;
    expect(answer.outputs[0]).toMatchObject({ shape: [2], data: [1, 2] });
  }
  const metadata = (await (await app.get("/v2/models/model")).json()) as Json;
  expect(metadata.inputs[0].shape).toEqual([-1]);
});

describe("a model with an image and columns", () => {
  const rows = [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [7, 8],
    "Bern",
  ];
  /** Gives the sum of an image [rows, height, width] and of two columns. */
  const session: Session = {
    file: "model.test",
    platform: "test",
    inputs: [
      { name: "image", type: "float32", shape: ["N", "height", "width"] },
      { name: "columns", type: "float32", shape: ["N", 2] },
      { name: "city", type: "string", shape: ["N", 1] },
    ],
    outputs: [{ name: "sum", type: "float32", shape: ["N"] }],
    mixes: [undefined],
    knownValues: [],
    async run(tensors) {
      const count = tensors[0]!.dims[0]!;
      const sums = new Float32Array(count);
      for (const { data } of tensors.slice(0, 2)) {
        const cells = data as Float32Array;
        for (const [index, cell] of cells.entries())
          sums[Math.floor((index * count) / cells.length)]! += cell;
      }
      return [{ type: "float32", dims: [count], data: sums }];
    },
  };
  const open: OpenSession = async () => session;
  const start = async (description: object) => {
    const folder = await mkdtemp(join(tmpdir(), "inputs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "model.json"), JSON.stringify(description));
    const app = await startApp({ AZUREML_MODEL_DIR: folder }, undefined, open);
    onTestFinished(() => app.stop());
    return app;
  };
  const IMAGE = { name: "image", shape: [null, 2, 3] };
  const flat = [1, 2, 3, 4, 5, 6, 7, 8, "Bern"];

  it("takes the image nested in the place of its cells, or all flat", async () => {
    const app = await start({ inputs: [IMAGE] });
    const [image, columns, city] = rows as [number[][], number[], string];
    const data = [[image, ...columns, city], flat];
    expect(await (await app.post({ data })).json()).toEqual([36, 36]);
    const { rows: schema } = await schemasOf(app);
    const number = expect.objectContaining({ type: "number" });
    const cell = { anyOf: [number, { type: "string" }] };
    const nested = { anyOf: [list(list(number, 3), 2), number, { type: "string" }] };
    expect(schema).toEqual(list({ anyOf: [list(cell, 9), list(nested, 4)] }));
  });

  it.each([
    [
      [[[1, 2, 3]], 7, 8, "Bern"],
      /expected 2 × 3 values of input "image", nested so or flat, given an array of 1/,
    ],
    [[rows[0], 7, 8, "Bern", 9], "row 0: expected 4 values, given 5"],
    [[rows[0], 7, 8], "row 0: expected 4 values, given 3"],
    [[rows[0], [7, 8], "Bern"], "row 0: expected 4 values, given 3"],
    [flat.slice(1), "row 0: expected 9 values, given 8"],
  ])("%j: 400", async (row, message) => {
    const response = await (await start({ inputs: [IMAGE] })).post({ data: [row] });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Json).message).toMatch(message);
  });

  it.each([
    ["nested", rows[0]],
    ["flat", flat.slice(0, 6)],
    ["a list of one", [rows[0]]],
    ["a list", [rows[0], flat.slice(0, 6)]],
  ])("its sample may be %s", async (_, sample) => {
    const app = await start({ inputs: [{ ...IMAGE, sample }] });
    expect(app.assembled.service.sample).toEqual({ data: [[1, 2, 3, 4, 5, 6, 0, 0, ""]] });
  });

  it.each([
    [
      {},
      /input "image": model.test does not say how large its dimensions are; say it as "shape", a number each/,
    ],
    [{ inputs: [{ name: "image", shape: [null, 2] }] }, /has shape \[null,2\], but \[null,null,null\]/],
    [{ inputs: [{ ...IMAGE, sample: [1, 2] }] }, /has 2 sample values for 6 columns/],
  ])("%j: does not load", async (description, message) => {
    await expect(start(description)).rejects.toThrow(message);
  });
});
