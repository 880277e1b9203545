import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { golden, startApp, type TestApp } from "./app.ts";

const TWO = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
];
const COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
const record = (row: number[]) => Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]]));
const PREDICTIONS = [expect.closeTo(6783.2888, 1), expect.closeTo(4073.0498, 1)];

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    SCORING_REVISION: "rev-1",
    AML_CORS_ORIGINS: "https://a.example, https://b.example",
  });
});
afterAll(() => app.stop());

describe("bodies of /score", () => {
  it.each([
    ["rows", { data: TWO }],
    ["records", { data: TWO.map(record) }],
    ["a data frame", { input_data: { columns: COLUMNS, index: [0, 1], data: TWO } }],
    [
      "a data frame in another order",
      {
        input_data: { columns: [...COLUMNS].reverse(), data: TWO.map((row) => [...row].reverse()) },
      },
    ],
    ["rows as of a tensor", { input_data: TWO }],
  ])("%s: a bare array", async (_, body) => {
    const response = await app.post(body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(PREDICTIONS);
  });

  it("Inputs: an object with Results", async () => {
    const body = { Inputs: { data: TWO.map(record) }, GlobalParameters: { method: "predict" } };
    expect(await (await app.post(body)).json()).toEqual({ Results: PREDICTIONS });
  });

  it("Inputs with the number that clients of automated ML's regressors send", async () => {
    const body = { Inputs: { data: TWO }, GlobalParameters: 1.0 };
    expect(await (await app.post(body)).json()).toEqual({ Results: PREDICTIONS });
  });

  it("CSV with a header: a bare array", async () => {
    const body = `${COLUMNS.join(",")}\r\n${TWO.map((row) => row.join(",")).join("\r\n")}\r\n`;
    const response = await app.get("/score", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body,
    });
    expect(await response.json()).toEqual(PREDICTIONS);
  });

  it("CSV with the index that pandas writes, which has no name: it is no column", async () => {
    const body = `,${COLUMNS.join(",")}\n${TWO.map((row, index) => [index, ...row].join(",")).join("\n")}\n`;
    const headers = { "content-type": "text/csv" };
    expect(await (await app.get("/score", { method: "POST", headers, body })).json()).toEqual(PREDICTIONS);
  });

  it.each(["text/plain", "text/plain;charset=UTF-8", ""])(
    "JSON that a client sends as %j: a bare array, as of Azure ML's server",
    async (type) => {
      const body = Buffer.from(JSON.stringify({ data: TWO.map(record) }));
      const headers = type ? { "content-type": type } : {};
      const response = await app.get("/score", { method: "POST", headers, body });
      expect(await response.json()).toEqual(PREDICTIONS);
      const broken = await app.get("/score", { method: "POST", headers, body: Buffer.from("age,sex") });
      expect(broken.status).toBe(400);
      expect(((await broken.json()) as { message: string }).message).toMatch(/not JSON/);
    },
  );

  it("GET with a query: a bare array", async () => {
    expect(await (await app.get(`/score?data=${JSON.stringify(TWO)}`)).json()).toEqual(PREDICTIONS);
  });

  it("no rows: no predictions", async () => {
    expect(await (await app.post({ data: [] })).json()).toEqual([]);
  });
});

describe("a request that does not fit names row, column, expected and given", () => {
  const row = TWO[0]!;
  it.each([
    [{ data: [row, row.slice(1)] }, "row 1: expected 10 values, given 9"],
    [{ data: [row, row.with(2, "x" as never)] }, /^row 1, column 2 \("bmi"\): expected a number.*given "x"$/],
    [{ data: [row.with(0, 1e39)] }, /^row 0, column 0 \("age"\): expected a number within ±3.4e38/],
    [{ data: [row, 7] }, "row 1: expected an array of 10 values, given 7"],
    [{ data: 7 }, "data: expected an array of rows, given 7"],
    [{ data: [record(row), row] }, "row 1: expected an object as row 0, given an array of 10"],
    [{ data: [{ ...record(row), shoe: 1 }] }, /^row 0: unknown column "shoe", expected age, sex/],
    [{ data: [{ age: 1 }] }, 'row 0: column "sex" is missing'],
    [{ data: TWO, method: "guess" }, 'method: expected "predict" or "predict_proba", given "guess"'],
    [{ input_data: { columns: COLUMNS.slice(1), data: TWO } }, 'input_data.columns: column "age" is missing'],
    [
      { input_data: { columns: [...COLUMNS, "age"], data: TWO } },
      'input_data.columns: column "age" is there twice',
    ],
    [
      { input_data: { columns: COLUMNS, index: [1], data: TWO } },
      "input_data.index: expected 2 values, one a row",
    ],
    [{ input_data: 1 }, 'input_data: expected {"columns", "data"}, given 1'],
    [{ Inputs: 1 }, 'Inputs: expected {"data": …}, given 1'],
    [{ Inputs: { data: TWO }, GlobalParameters: "x" }, 'GlobalParameters: expected an object, given "x"'],
    [{ input_data: { data: TWO }, params: 1 }, "params: expected an object, given 1"],
    [{ dta: TWO }, /^expected {"data": \[\[…\]\]}/],
    ["text", /given "text"$/],
    [null, /given null$/],
  ])("%j", async (body, message) => {
    const response = await app.post(body);
    expect(response.status).toBe(400);
    const answer = (await response.json()) as { message: string };
    if (typeof message === "string") expect(answer).toEqual({ message });
    else expect(answer.message).toMatch(message);
  });

  it.each([
    ["application/json", '{"data": ', 400, /not JSON/],
    ["application/json", "", 400, /empty/],
    ["application/json", Buffer.from([0x22, 0xff, 0x22]), 400, /not UTF-8/],
    ["application/x-www-form-urlencoded", "a=b", 415, /send application\/json or text\/csv/],
    ["application/json; charset=latin1", "{}", 415, /send UTF-8/],
    ["text/csv", "", 400, /header line/],
    [
      "text/csv",
      `${COLUMNS.join(",")}\n1,2`,
      400,
      /^row 0: expected 10 values as in the CSV header, given 2/,
    ],
    ["text/csv", `${COLUMNS.join(",")}\n1,2,x,4,5,6,7,8,9,10`, 400, /column 2 \("bmi"\).*given "x"/],
    ["text/csv", '"age', 400, /quoted field does not end/],
    ["text/csv", '"age"x', 400, /text after a closing quote/],
  ])("%s %s", async (type, body, status, message) => {
    const response = await app.get("/score", { method: "POST", headers: { "content-type": type }, body });
    expect(response.status).toBe(status);
    expect(((await response.json()) as { message: string }).message).toMatch(message);
  });

  it("columns of each type", async () => {
    const columns = await startApp({ AZUREML_MODEL_DIR: golden("columns") });
    const ask = async (row: unknown[]) =>
      ((await (await columns.post({ data: [row] })).json()) as { message: string }).message;
    expect(await ask([1.5, 1, "Bern", "yes"])).toMatch(/column 0 \("age"\): expected an integer.*given 1.5/);
    expect(await ask([null, 1, "Bern", "yes"])).toMatch(
      /column 0 \("age"\): expected an integer.*given null/,
    );
    expect(await ask([1, 1, null, "yes"])).toMatch(/column 2 \("city"\): expected a string.*given null/);
    expect(await ask([1, 1, "Bern", true])).toMatch(/column 3 \("member"\): expected a string.*given true/);
    const ok = await columns.post({ data: [[40, null, "Bern", "yes"]] });
    expect(ok.status).toBe(200);
    await columns.stop();
  });
});

describe("headers of Azure ML's server", () => {
  it("makes a request id and tells how long run() took", async () => {
    const { headers } = await app.post({ data: TWO });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-ms-request-id")).toBe(headers.get("x-request-id"));
    const next = await app.post({ data: TWO });
    expect(next.headers.get("x-request-id")).not.toBe(headers.get("x-request-id"));
    expect(headers.get("x-ms-run-fn-exec-ms")).toMatch(/^\d+\.\d{3}$/);
    expect(headers.get("x-ms-run-function-failed")).toBe("False");
    expect(headers.get("x-ms-server-version")).toBe("azure-ml-scoring/0.1.0");
    expect(headers.get("x-scoring-revision")).toBe("rev-1");
  });

  it("passes ids and traceparent on", async () => {
    const sent = { "x-request-id": "r", "x-ms-client-request-id": "c", traceparent: "00-0af7-b7ad-01" };
    const { headers } = await app.get("/", { headers: sent });
    for (const [name, value] of Object.entries(sent)) expect(headers.get(name)).toBe(value);
    expect(headers.get("x-ms-request-id")).toBe("c");
  });

  it("also where the request fails, and whatever characters an id has", async () => {
    const sent = { "x-request-id": "a: b: c", origin: "https://b.example" };
    const { status, headers } = await app.get("/nope", { headers: sent });
    expect(status).toBe(404);
    expect(headers.get("x-request-id")).toBe("a: b: c");
    expect(headers.get("access-control-allow-origin")).toBe("https://b.example");
    expect(headers.get("x-scoring-revision")).toBe("rev-1");
  });

  it.each(["x-request-id", "x-ms-request-id", "x-ms-client-request-id"])(
    "%s of 101 characters: 431",
    async (name) => {
      const response = await app.get("/", { headers: { [name]: "i".repeat(101) } });
      expect(response.status).toBe(431);
      expect(await response.json()).toEqual({
        message: expect.stringContaining("must not exceed 100 characters"),
      });
      expect((await app.get("/", { headers: { [name]: "i".repeat(100) } })).status).toBe(200);
    },
  );

  it("lets browsers of AML_CORS_ORIGINS read the answer, and nobody else's", async () => {
    const preflight = await app.get("/score", {
      method: "OPTIONS",
      headers: { origin: "https://b.example", "access-control-request-headers": "content-type" },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get("x-ms-run-function-failed")).toBe("False");
    expect(preflight.headers.get("access-control-allow-origin")).toBe("https://b.example");
    expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
    expect(preflight.headers.get("vary")).toBe("Origin");
    const other = await app.get("/score", { method: "OPTIONS", headers: { origin: "https://c.example" } });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});
