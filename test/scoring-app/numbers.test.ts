import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Session, Tensor } from "../../scoring-app/src/runtime/runtime.ts";
import { golden, startApp, type TestApp } from "./app.ts";

const post = (app: TestApp, body: string, path = "/score", type = "application/json") =>
  app.get(path, { method: "POST", headers: { "content-type": type }, body });

describe("integers beyond 2^53", () => {
  /** Answers with the integer that it is given; it has a column of floats, too. */
  const echo: Session = {
    file: "model.echo",
    platform: "echo",
    inputs: [
      { name: "id", type: "int64", shape: ["N", 1] },
      { name: "size", type: "float64", shape: ["N", 1] },
      { name: "name", type: "string", shape: ["N", 1] },
    ],
    outputs: [{ name: "id", type: "int64", shape: ["N", 1] }],
    mixes: [undefined],
    knownValues: [],
    run: async ([id]: readonly Tensor[]) => [id!],
  };
  const ID = "9007199254740993";
  const NAME = `"[${ID}]"`;
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ AZUREML_MODEL_DIR: "/a/folder" }, undefined, async () => echo);
  });
  afterAll(() => app.stop());

  it.each([
    ["rows", `{"data": [[${ID}, 1, ${NAME}]]}`, `[${ID}]`],
    ["records", `{"data": [{"id": ${ID}, "size": ${ID}, "name": ${NAME}}]}`, `[${ID}]`],
    [
      "the ends of 64 bits",
      `{"data": [[-9223372036854775808, 1, ""], [9223372036854775807, 1, ""]]}`,
      "[-9223372036854775808,9223372036854775807]",
    ],
    [
      "a data frame",
      `{"input_data": {"columns": ["size", "id", "name"], "data": [[1.5, ${ID}, ""]]}}`,
      `[${ID}]`,
    ],
    ["Inputs", `{"Inputs": {"data": [[${ID}, NaN, ""]]}}`, `{"Results":[${ID}]}`],
  ])("are read and answered exactly: %s", async (_, body, answer) => {
    const response = await post(app, body);
    expect(await response.text()).toBe(answer);
  });

  it("in model.json too, and shown so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "numbers-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const start = async (expected: string) => {
      const column = (name: string, sample: string) =>
        `{"name": "${name}", "sample": [${sample}], "range": [[0, ${ID}]]}`;
      const inputs = [column("id", ID), column("size", "NaN"), column("name", NAME)];
      await writeFile(join(folder, "model.json"), `\ufeff{"inputs": [${inputs}], "expected": [${expected}]}`);
      return startApp({ AZUREML_MODEL_DIR: folder }, undefined, async () => echo);
    };
    await expect(start("9007199254740992")).rejects.toThrow(
      "expected 9007199254740992, computed 9007199254740993 (they must be equal)",
    );
    const own = await start(ID);
    onTestFinished(() => own.stop());
    const sample = `[[${ID},null,${NAME}]]`;
    for (const path of ["/docs", "/swagger.json?version=3"]) {
      expect(await (await own.get(path)).text()).toContain(`{"data":${sample}}`);
    }
    expect(await (await own.get("/swagger.json")).text()).toContain(`{"data":${sample}}`);
  });

  it("in CSV and in a query too", async () => {
    expect(await (await post(app, `id,size,name\n${ID},1,x\n`, "/score", "text/csv")).text()).toBe(`[${ID}]`);
    expect(await (await app.get(`/score?data=[[${ID},1,""]]`)).text()).toBe(`[${ID}]`);
  });

  it("under /v2 too", async () => {
    const tensor = (name: string, datatype: string, data: string) =>
      `{"name": "${name}", "shape": [1, 1], "datatype": "${datatype}", "data": ${data}}`;
    const body = `{"inputs": [${tensor("id", "INT64", `[${ID}]`)}, ${tensor("size", "FP64", `[[${ID}]]`)}, ${tensor("name", "BYTES", `[${NAME}]`)}]}`;
    expect(await (await post(app, body, "/v2/models/model/infer")).text()).toContain(`"data":[${ID}]`);
  });

  it.each([
    [
      '[[9223372036854775808, 1, ""]]',
      'row 0, column 0 ("id"): expected an integer of 64 bits (int64), given 9223372036854775808',
    ],
    ['[[1e17, 1, ""]]', /expected an integer of 64 bits/],
    [`[[1, 1, ${ID}]]`, `row 0, column 2 ("name"): expected a string (string), given ${ID}`],
  ])("%s is refused", async (rows, message) => {
    const response = await post(app, `{"data": ${rows}}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toMatch(message);
  });

  it("in model.json: its sample is scored and shown, and its expectations are compared, with all their digits", async () => {
    const folder = await mkdtemp(join(tmpdir(), "exact-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const inputs = (id: string) =>
      `[{"name": "id", "sample": [[${id}]], "range": [[0, ${id}]]}, {"name": "size", "sample": [[${ID}]]}, {"name": "name", "sample": [["a"]]}]`;
    const load = async (expected: string) => {
      await writeFile(join(folder, "model.json"), `{"inputs": ${inputs(ID)}, "expected": [${expected}]}`);
      return startApp({ AZUREML_MODEL_DIR: folder }, undefined, async () => echo);
    };
    const described = await load(ID);
    onTestFinished(() => described.stop());
    expect(await (await described.get("/swagger.json?version=3")).text()).toContain(`[[${ID},`);
    expect(await (await described.get("/docs")).text()).toContain(`"sample":${ID}`);
    const size = Number(ID);
    expect(described.assembled.service.sample).toEqual({ data: [[BigInt(ID), size, "a"]] });
    await expect(load(String(BigInt(ID) + 1n))).rejects.toThrow(
      `output "id": expected ${BigInt(ID) + 1n}, computed ${ID} (they must be equal)`,
    );
    await expect(load("7")).rejects.toThrow(`expected 7, computed ${ID}`);
  });

  it("an entry script whose model takes them is given BigInts, and what it answers is written exactly", async () => {
    const scripted = await startApp(
      { AZUREML_MODEL_DIR: "/a/folder" },
      {
        async init({ loadModel }) {
          await loadModel();
        },
        run: (data) => ({ type: typeof (data as { id: unknown }).id, data, small: 7n }),
        sample: {},
      },
      async () => echo,
    );
    const answer = await post(scripted, `{"id": ${ID}, "text": ${NAME}}`);
    expect(await answer.text()).toBe(`{"type":"bigint","data":{"id":${ID},"text":${NAME}},"small":7}`);
    await scripted.stop();
  });
});

describe("NaN, Infinity and -Infinity as Python writes them", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("missing-values") });
  afterAll(() => app.stop());
  const { width } = app.assembled.service.served!.signature;
  const cells = (first: string) => [first, ...new Array(width - 1).fill("0.5")].join(", ");

  it("NaN is null, in every form and under /v2", async () => {
    const asNull = await (await post(app, `{"data": [[${cells("null")}]]}`)).json();
    for (const body of [
      `{"data": [[${cells("NaN")}]]}`,
      `{"input_data": {"data": [[${cells("NaN")}]]}}`,
      `{"input_data": [[${cells("NaN")}]]}`,
    ]) {
      expect(await (await post(app, body)).json()).toEqual(asNull);
    }
    expect(await (await post(app, `{"Inputs": {"data": [[${cells("NaN")}]]}}`)).json()).toEqual({
      Results: asNull,
    });
    expect(await (await app.get(`/score?data=[[${cells("NaN")}]]`)).json()).toEqual(asNull);
    const [input] = app.assembled.service.served!.signature.inputs;
    const infer = `{"inputs": [{"name": "${input!.name}", "shape": [1, ${width}], "datatype": "FP32", "data": [${cells("NaN")}]}]}`;
    const answer = (await (await post(app, infer, "/v2/models/model/infer")).json()) as {
      outputs: [{ data: unknown }];
    };
    expect(answer.outputs[0].data).toEqual(asNull);
  });

  it("infinities reach the model, and what is no number in its answer is null", async () => {
    const ridge = await startApp({ AZUREML_MODEL_DIR: golden("ridge") });
    const row = (cell: string) => `[${[cell, ...new Array(9).fill("0")].join(", ")}]`;
    const body = `{"data": [${row("Infinity")}, ${row("-Infinity")}, ${row("NaN")}]}`;
    const response = await post(ridge, body);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("[null,null,null]");
    await ridge.stop();
  });

  it("an entry script is given them as numbers", async () => {
    let given: unknown;
    const run = (data: unknown) => {
      given = data;
      return data;
    };
    const scripted = await startApp({}, { init() {}, run, sample: {} });
    const response = await post(scripted, '{"a": [NaN, -Infinity], "b": "NaN"}');
    expect(given).toEqual({ a: [Number.NaN, Number.NEGATIVE_INFINITY], b: "NaN" });
    expect(await response.json()).toEqual({ a: [null, null], b: "NaN" });
    await scripted.stop();
  });
});
