import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { golden, type Json, startApp, type TestApp } from "./app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ AZUREML_MODEL_DIR: golden("columns") });
});
afterAll(() => app.stop());

const tensor = (name: string, datatype: string, data: unknown[]) => ({
  name,
  datatype,
  shape: [data.length, 1],
  data,
});
const inputs = () => [
  tensor("age", "INT64", [30, 40]),
  tensor("income", "FP32", [50000.5, null]),
  tensor("city", "BYTES", ["Köln", "Bern"]),
  tensor("member", "BYTES", ["yes", "no"]),
];
const INFER = "/v2/models/customers/infer";

describe("Open Inference Protocol", () => {
  it("answers as /score does", async () => {
    const rows = [
      [30, 50000.5, "Köln", "yes"],
      [40, null, "Bern", "no"],
    ];
    const scored = (await (await app.post({ data: rows })).json()) as number[];
    const answer = await (await app.post({ id: "x", inputs: inputs() }, INFER)).json();
    expect(answer).toEqual({
      model_name: "customers",
      model_version: "1",
      id: "x",
      outputs: [{ name: "variable", shape: [2, 1], datatype: "FP32", data: scored }],
    });
  });

  it("takes null for what a client leaves out", async () => {
    const body = {
      id: null,
      parameters: null,
      outputs: null,
      inputs: inputs().map((i) => ({ ...i, parameters: null })),
    };
    const answer = (await (await app.post(body, INFER)).json()) as Json;
    expect(answer).not.toHaveProperty("id");
    expect(answer.outputs).toHaveLength(1);
  });

  it("an empty list of outputs asks for all", async () => {
    const all = await (await app.post({ inputs: inputs() }, INFER)).json();
    expect(await (await app.post({ inputs: inputs(), outputs: [] }, INFER)).json()).toEqual(all);
  });

  it("keeps the two dimensions of one row", async () => {
    const one = inputs().map(({ data, ...rest }) => ({ ...rest, shape: [1, 1], data: data.slice(0, 1) }));
    expect(((await (await app.post({ inputs: one }, INFER)).json()) as Json).outputs[0].shape).toEqual([
      1, 1,
    ]);
  });

  it("a repository index that is asked for with anything but an object is 400", async () => {
    expect((await app.post([], "/v2/repository/index")).status).toBe(400);
    expect((await app.post({ ready: true }, "/v2/repository/index")).status).toBe(200);
  });

  it("describes the model and lists it", async () => {
    const metadata = (await (await app.get("/v2/models/customers/versions/1")).json()) as Json;
    expect(metadata.inputs).toContainEqual({ name: "city", datatype: "BYTES", shape: [-1, 1] });
    expect(await (await app.post({}, "/v2/repository/index")).json()).toEqual([
      { name: "customers", version: "1", state: "READY", reason: "" },
    ]);
    expect((await app.get("/v2/models/customers/ready")).status).toBe(200);
  });

  it.each([
    [{ inputs: inputs().slice(1) }, /input "age" is missing/],
    [{ inputs: [...inputs(), inputs()[0]] }, /inputs\[4\]: input "age" is there twice/],
    [{ inputs: inputs().with(0, tensor("aeg", "INT64", [1, 2])) }, /has no input "aeg"; it has age, income/],
    [
      { inputs: inputs().with(0, tensor("age", "BYTES", ["1", "2"])) },
      /expected datatype INT64, given BYTES/,
    ],
    [{ inputs: inputs().with(0, tensor("age", "INT64", [1, 1.5])) }, /row 1, column age.*given 1.5/],
    [{ inputs: inputs().with(0, tensor("age", "INT64", [1])) }, /2 rows, but the inputs before it have 1/],
    [
      { inputs: inputs().with(0, { ...inputs()[0]!, shape: [3, 1] }) },
      /expected 3 values for its shape, given 2/,
    ],
    [
      { inputs: inputs().with(0, { ...inputs()[0]!, shape: [2, 2] }) },
      /shape: expected \[ROWS, 1\], given \[2, 2\]/,
    ],
    [{ inputs: inputs(), outputs: [{ name: "nope" }] }, /has no output "nope"; it has variable/],
    [{ inputs: 1 }, /inputs: expected an array, given 1/],
    [
      { inputs: inputs(), parameters: { binary_data_output: 1 } },
      /binary_data_output: expected true or false/,
    ],
    [{ id: 1, inputs: inputs() }, /id: expected a string/],
  ])("%#: 400 that names what is wrong, as {error}", async (body, message) => {
    const response = await app.post(body, INFER);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toMatch(message);
  });

  it("404 for another model or version", async () => {
    expect((await app.get("/v2/models/other")).status).toBe(404);
    expect(await (await app.get("/v2/models/customers/versions/7")).json()).toEqual({
      error: 'model "customers" has version 1, not 7',
    });
  });
});

describe("binary data extension", () => {
  const send = (json: unknown, binary: Buffer, header?: string) => {
    const head = Buffer.from(JSON.stringify(json));
    return app.get(INFER, {
      method: "POST",
      headers: { "inference-header-content-length": header ?? String(head.length) },
      body: Buffer.concat([head, binary]),
    });
  };
  const strings = (values: string[]) =>
    Buffer.concat(
      values.flatMap((value) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(Buffer.byteLength(value));
        return [length, Buffer.from(value)];
      }),
    );
  const parts = [
    Buffer.from(new BigInt64Array([30n, 40n]).buffer),
    Buffer.from(new Float32Array([50000.5, Number.NaN]).buffer),
    strings(["Köln", "Bern"]),
    strings(["yes", "no"]),
  ];
  const described = (sizes = parts.map((part) => part.length)) =>
    inputs().map(({ data, ...rest }, i) => ({ ...rest, parameters: { binary_data_size: sizes[i] } }));

  it("takes and gives tensors as bytes", async () => {
    const plain = (await (await app.post({ inputs: inputs() }, INFER)).json()) as Json;
    const response = await send(
      { inputs: described(), outputs: [{ name: "variable", parameters: { binary_data: true } }] },
      Buffer.concat(parts),
    );
    const body = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get("inference-header-content-length"));
    const [output] = JSON.parse(body.toString("utf8", 0, length)).outputs;
    expect(output.parameters.binary_data_size).toBe(8);
    expect([body.readFloatLE(length), body.readFloatLE(length + 4)]).toEqual(
      plain.outputs[0].data.map(Math.fround),
    );
  });

  it.each([
    ["too few bytes", described(), Buffer.concat(parts).subarray(1), undefined, /more than the|do not hold/],
    ["too many bytes", described(), Buffer.concat([...parts, Buffer.from("x")]), undefined, /1 bytes after/],
    [
      "a size that is not the shape's",
      described([8, 8, 16, 13]),
      Buffer.concat(parts),
      undefined,
      /8 bytes for 2 values/,
    ],
    ["a header longer than the body", described(), Buffer.alloc(0), "99999", /the body has \d+ bytes/],
    ["a header that is no number", described(), Buffer.alloc(0), "-1", /Inference-Header-Content-Length -1/],
  ])("%s: 400", async (_, tensors, binary, header, message) => {
    const response = await send({ inputs: tensors }, binary, header);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toMatch(message);
  });
});
