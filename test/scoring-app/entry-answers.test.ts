import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntryRequest, EntryScript } from "../../scoring-app/src/scoring/entry-script.ts";
import { type Json, startApp, type TestApp } from "./app.ts";

let run: EntryScript["run"];
let app: TestApp;
beforeAll(async () => {
  run = () => 1;
  const entry = { init() {}, run: (data: unknown, request: EntryRequest) => run(data, request), sample: {} };
  app = await startApp({ SCORING_TIMEOUT_MS: "200" }, entry);
});
afterAll(() => app.stop());

const post = (body: Buffer, headers: Record<string, string>) =>
  app.get("/score", { method: "POST", headers, body: new Uint8Array(body) });

describe("an entry script is given", () => {
  const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]);
  const given = async (body: Buffer, headers: Record<string, string>) => {
    let seen: [unknown, EntryRequest] | undefined;
    run = (data, request) => {
      seen = [data, request];
      return null;
    };
    expect((await post(body, headers)).status).toBe(200);
    return seen!;
  };

  it.each(["image/png", "application/octet-stream", "text/html; charset=latin1", "text/plain"])(
    "the bytes of %s",
    async (type) => {
      const [data, request] = await given(PNG, { "content-type": type });
      expect(data).toEqual(PNG);
      expect(request.headers["content-type"]).toBe(type);
    },
  );

  it("those of a body without a type", async () => {
    expect((await given(PNG, {}))[0]).toEqual(PNG);
  });

  it("parsed JSON, and its bytes and headers beside it", async () => {
    const text = '{"a": [1]}';
    const [data, request] = await given(Buffer.from(text), { "content-type": "text/plain", "x-key": "k" });
    expect(data).toEqual({ a: [1] });
    expect(String(request.body)).toBe(text);
    expect(request.headers["x-key"]).toBe("k");
  });

  it("inflated bytes", async () => {
    const headers = { "content-type": "image/png", "content-encoding": "gzip" };
    const [data, request] = await given(gzipSync(PNG), headers);
    expect(data).toEqual(PNG);
    expect(request.body).toEqual(PNG);
  });
});

describe("an entry script answers with a Response:", () => {
  it("status, headers and content type are its own, beside the app's", async () => {
    run = async () =>
      new Response(new Uint8Array([1, 2, 255]), {
        status: 203,
        headers: [
          ["content-type", "image/x-tiny"],
          ["etag", '"1"'],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      });
    const response = await app.post({}, "/score", { "x-request-id": "r" });
    expect(response.status).toBe(203);
    expect(response.headers.get("content-type")).toBe("image/x-tiny");
    expect(response.headers.get("etag")).toBe('"1"');
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("x-request-id")).toBe("r");
    expect(response.headers.get("x-ms-run-function-failed")).toBe("False");
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 255]);
  });

  it.each<[string, () => Response, number, string | null, string]>([
    [
      "JSON",
      () => Response.json({ error: "no" }, { status: 422 }),
      422,
      "application/json",
      '{"error":"no"}',
    ],
    ["text", () => new Response("Łódź"), 200, "text/plain;charset=UTF-8", "Łódź"],
    ["bytes without a type", () => new Response(new Uint8Array([65])), 200, "application/octet-stream", "A"],
    ["nothing", () => new Response(null, { status: 204 }), 204, null, ""],
    ["a status of 500", () => new Response("x", { status: 500 }), 500, "text/plain;charset=UTF-8", "x"],
  ])("%s", async (_, answer, status, type, body) => {
    run = answer;
    const response = await app.post({});
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("content-length")).toBe(
      status === 204 ? null : String(Buffer.byteLength(body)),
    );
    expect(await response.text()).toBe(body);
    run = () => 1;
    expect(await (await app.post({})).json()).toBe(1);
  });

  it.each([
    ["connection", "close"],
    ["Keep-Alive", "timeout=1"],
    ["transfer-encoding", "chunked"],
    ["upgrade", "h2c"],
    ["trailer", "x"],
    ["te", "trailers"],
    ["proxy-authenticate", "Basic"],
    ["content-length", "999"],
    ["x-request-id", "another"],
    ["x-ms-run-function-failed", "True"],
    ["access-control-allow-origin", "*"],
  ])("the header %s is not its own: a failure of run()", async (name, value) => {
    run = () => new Response("x", { headers: { [name]: value } });
    const response = await app.post({}, "/score", { "x-request-id": `refused-${name}` });
    expect(response.status).toBe(500);
    expect(response.headers.get("x-ms-run-function-failed")).toBe("True");
    expect(
      app.lines.find(({ requestId, level }) => level === "error" && requestId === `refused-${name}`),
    ).toMatchObject({
      error: `run() answered with the header ${name.toLowerCase()}, which is the server's`,
    });
  });

  it.each(["a\r\nset-cookie: x=1", "a\nb", "a\u0001b", "Łódź"])(
    "a header cannot carry %j: a failure of run(), and nothing of it is sent",
    async (value) => {
      run = () => new Response("x", { headers: { "x-note": value } });
      const response = await app.post({});
      expect(response.status).toBe(500);
      expect(response.headers.get("x-note")).toBeNull();
      expect(response.headers.get("set-cookie")).toBeNull();
    },
  );

  it.each<[string, () => Response]>([
    ["that is an error", () => Response.error()],
    [
      "whose body is read already",
      () => {
        const response = new Response("x");
        void response.text();
        return response;
      },
    ],
  ])("one %s is a failure of run()", async (_, answer) => {
    run = answer;
    expect((await app.post({})).status).toBe(500);
  });

  it("a body that does not end is cut after SCORING_TIMEOUT_MS: 504", async () => {
    run = () => new Response(new ReadableStream());
    expect((await app.post({})).status).toBe(504);
  });

  it("one of the undici package counts as well", async () => {
    const { Response: Other } = await import("undici");
    run = () => new Other("x", { status: 202 });
    expect((await app.post({})).status).toBe(202);
  });
});

it("the documents of an app with an entry script take and give any content type", async () => {
  const { post } = ((await (await app.get("/swagger.json?version=3")).json()) as Json).paths["/score"];
  const any = { schema: { type: "string", format: "binary" } };
  expect(post.requestBody.content["*/*"]).toEqual(any);
  expect(post.responses["200"].content["*/*"]).toEqual(any);
});

it("example tab-separated.ts: takes bytes of a type of its own, and answers with it", async () => {
  const path = fileURLToPath(new URL("../../scoring-app/examples/tab-separated.ts", import.meta.url));
  const example = await startApp({ AZUREML_ENTRY_SCRIPT: path });
  const ask = (type: string, body: string) =>
    example.get("/score", { method: "POST", headers: { "content-type": type }, body });
  const response = await ask("text/tab-separated-values", "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\n");
  expect(response.headers.get("content-type")).toBe("text/tab-separated-values");
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="predictions.tsv"');
  expect(Number(await response.text())).toBeCloseTo(6783.2888, 1);
  expect((await ask("image/png", "x")).status).toBe(415);
  await example.stop();
});
