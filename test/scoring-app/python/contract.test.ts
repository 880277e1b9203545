import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azurePython, type Server, startAzure, startOurs } from "./servers.ts";

/** A request by name: target, and what fetch takes. */
type Case = [name: string, target: string, init?: RequestInit | (() => RequestInit)];

const JSON_TYPE = { "content-type": "application/json" };
const post = (
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = JSON_TYPE,
): RequestInit => ({
  method: "POST",
  headers,
  body,
});
const sent = (body: unknown) => post(JSON.stringify(body));
/** As `post`, in chunks: without a Content-Length. */
const inChunks =
  (body: string | Buffer<ArrayBuffer>, headers = JSON_TYPE) =>
  (): RequestInit => ({
    ...post(body, headers),
    body: new Blob([body]).stream(),
    duplex: "half",
  });

/** Python values that run() gives. */
const VALUES = [
  ...[
    "None",
    "True",
    "1",
    "1.0",
    "1e400",
    "[math.nan, -math.inf]",
    "(1, 2)",
    "'text'",
    "json.dumps({'a': 1})",
  ],
  ...["{'é': '日本'}", "{1: 2, None: 3, True: 4}", "[]", "{}", "'\\ud800'", "10 ** 30", "'é' * 100_000"],
  // What JSON does not have.
  ...["{1, 2}", "b'x'", "{(1, 2): 3}", "(i for i in [1])", "Number()", "complex(1, 2)"],
];

/** Replaces json.dumps until it is called. */
const UNESCAPED = `
import json
usual = json.dumps
def dumps(value):
    json.dumps = usual
    return usual(value, ensure_ascii=False)
json.dumps = dumps
result = "é日本"`;

const TEXT: Case[] = [
  ...VALUES.map((value): Case => [`run() gives ${value}`, "/score", sent({ do: "python", value })]),
  ["JSON", "/score", sent({ a: [1, "é", null] })],
  ["text that is not JSON", "/score", post("plain", { "content-type": "text/plain" })],
  ["text of another type", "/score", post("<a/>", { "content-type": "application/xml; charset=utf-8" })],
  ["bytes without a type", "/score", post(Buffer.from('{"a":1}'), {})],
  ["a form of curl", "/score", post("a=1", { "content-type": "application/x-www-form-urlencoded" })],
  ["no body", "/score", { method: "POST" }],
  ["bytes that are not UTF-8", "/score", post(Buffer.from([0xff, 0xfe]))],
  ["a byte order mark", "/score", post(Buffer.from("\ufeff{}"))],
  ["a body in chunks", "/score", inChunks('{"a": 1}')],
  ["a form without a boundary", "/score", post("a", { "content-type": "multipart/form-data" })],
  ["a path that begins with two slashes", "//score?a=1"],
  ["a TraceId", "/score", { headers: { traceid: "mine" } }],
  ["HEAD", "/score?a=1", { method: "HEAD" }],
  ["a query that is not UTF-8", "/score?a=%FF%C3%A9&%FE=1"],
  [
    "a form with an empty boundary",
    "/score",
    post("a", { "content-type": "multipart/form-data; boundary=" }),
  ],
  ...["x-request-id", "x-ms-request-id", "x-ms-client-request-id"].map(
    (name): Case => [`${name} of 101 characters`, "/score", { headers: { [name]: "a".repeat(101) } }],
  ),
  ["run() raises", "/score", sent({ do: "raise" })],
  ["a json.dumps that the script has replaced", "/score", sent({ do: "execute", code: UNESCAPED })],
  [
    "names of streams",
    "/score",
    sent({ do: "execute", code: "import sys; result = [sys.stdout.name, sys.stderr.name]" }),
  ],
  ["a query", "/score?a=1&b=[1,2]&c=x&c=2&d=null&e=&f=%C3%A9+x"],
  ["no query", "/score"],
];

const DECORATED: Case[] = [
  ["an array", "/score", sent({ data: [[1, 2]] })],
  ["rows of another length", "/score", sent({ data: [[1, 2, 3]] })],
  ["text for numbers", "/score", sent({ data: [["a", "b"]] })],
  ["a number for an array", "/score", sent({ data: 5 })],
  ["a further parameter", "/score", sent({ data: [[1, 2]], method: "predict_proba" })],
  ["a member that is not there", "/score", sent({ method: "x" })],
  ["a member that run() does not have", "/score", sent({ data: [[1, 2]], other: 1 })],
  ["no object", "/score", sent([[1, 2]])],
  ["no JSON", "/score", post("{")],
  ["no body", "/score", post("")],
  ["another type", "/score", post('{"data": [[1, 2]]}', { "content-type": "text/plain" })],
  ["a type of JSON", "/score", post('{"data": [[1, 2]]}', { "content-type": "application/problem+json" })],
  ["JSON that is not UTF-8", "/score", post(Buffer.from('{"data": "\xff"}', "latin1"))],
  ["a query", "/score?data=[[1,2]]"],
  ...[
    [{ age: 1.5, sex: 1, name: "a", ok: true }],
    [
      { age: 1, sex: 1, name: "a", ok: true },
      { age: 0.1, sex: 2, name: "é", ok: false },
    ],
    [{ age: null, sex: 1, name: "a", ok: true }],
    [{ sex: 1, age: 1, name: "a", ok: true }],
    [{ age: "x", sex: 1, name: "a", ok: true }],
    [{ age: 1.5 }],
    [],
  ].map(
    (frame): Case => [
      `a data frame ${JSON.stringify(frame)}`,
      "/score",
      sent({ data: [[1, 2]], nested: { frame, note: "x" } }),
    ],
  ),
];

/** Of curl -F field=value -F file=@…, with line ends, and what looks like a boundary, in the file. */
const FORM = Buffer.concat([
  Buffer.from('--BOUNDARY\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n'),
  Buffer.from('--BOUNDARY\r\nContent-Disposition: form-data; name="file"; filename="a é.bin"\r\n'),
  Buffer.from("Content-Type: image/png\r\n\r\n"),
  Buffer.from([0, 13, 10, 45, 45, 255, 13]),
  Buffer.from("y--BOUNDARY\r\n"),
  Buffer.from('\r\n--BOUNDARY\r\nContent-Disposition: form-data; name="file"; filename="b"\r\n\r\nb'),
  Buffer.from('\r\n--BOUNDARY\r\nContent-Disposition: form-data; name="latin"\r\n\r\n\xff', "latin1"),
  Buffer.from("\r\n--BOUNDARY--\r\n"),
]);

const FORM_TYPE = { "content-type": "multipart/form-data; boundary=BOUNDARY" };

const RAW: Case[] = [
  ["POST", "/score?a=1&a=2&b=", post('{"x": 1}', { ...JSON_TYPE, "x-mine": "me", x_mine: "no" })],
  ["GET", "/score?a=%C3%A9"],
  ["GET without a query", "/score"],
  ["bytes", "/score", post(Buffer.from([0, 255, 128]), { "content-type": "application/octet-stream" })],
  ["a form", "/score", post("a=1&b=x+y", { "content-type": "application/x-www-form-urlencoded" })],
  ["a form with files", "/score", post(FORM, FORM_TYPE)],
  ["a form with files, in chunks", "/score", inChunks(FORM, FORM_TYPE)],
  ["a form that is cut off", "/score", post(FORM.subarray(0, -30), FORM_TYPE)],
  [
    "a form that is not UTF-8",
    "/score",
    post("a=%FF", { "content-type": "application/x-www-form-urlencoded" }),
  ],
  [
    "a body with Content-Encoding: identity",
    "/score",
    post("[1]", { ...JSON_TYPE, "content-encoding": "identity" }),
  ],
  ["OPTIONS", "/score?a=1", { method: "OPTIONS" }],
  ["OPTIONS of a browser", "/score?do=cors", { method: "OPTIONS", headers: { origin: "http://a.example" } }],
  ["JSON with a charset", "/score", post("[1]", { "content-type": "application/json; charset=utf-8" })],
  ...[
    "image",
    "json",
    "text",
    "nothing",
    "failed",
    "said",
    "value",
    "raise",
    "cors",
    "added",
    "types",
    "location",
    "enumerated",
    "none",
  ].map((what): Case => [`run() gives a response: ${what}`, `/score?do=${what}`]),
];

const OUTPUT: Case[] = [
  ["a member", "/score", sent({ data: [1] })],
  ["text", "/score", post("[1]", { "content-type": "text/plain" })],
];

const HEADERS: Case[] = [
  ["request_headers", "/score", post("x", { "content-type": "text/x", "x-mine": "me" })],
  ["request_headers of a GET", "/score?a=1", { headers: { "x-mine": "me" } }],
];

/** Headers of the connection, the moment and the server; ids, which are made up unless the client has sent them. */
const OTHERS = new Set([
  ...["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"],
  ...["x-ms-request-id", "x-ms-server-version", "x-request-id"],
]);

const OLDER: Case[] = ["url", "cookie"].map((what) => [what, "/score", post(what)]);

const FLASK: Case[] = [
  ...["header", "json", "jsonify", "made", "app"].map(
    (what): Case => [what, "/score", post(JSON.stringify(what), { ...JSON_TYPE, "x-mine": "me" })],
  ),
  ["text", "/score", post('"type"', { "content-type": "text/plain" })],
];

/** As `post`, with a header that is there twice: fetch would send one. */
async function postTwice(server: Server): Promise<string> {
  const headers = { "x-mine": ["a", "b"], "content-type": "text/x", "content-length": "1" };
  const sending = request(`${server.url}/score`, { method: "POST", headers });
  sending.end("x");
  const [response] = await once(sending, "response");
  return text(response);
}

/** What a client sees. */
async function seen(server: Server, target: string, init: Case[2]) {
  const response = await fetch(server.url + target, {
    redirect: "manual",
    ...(typeof init === "function" ? init() : init),
  });
  return {
    status: response.status,
    headers: [...response.headers].flatMap(([name, value]) => {
      if (OTHERS.has(name)) return [];
      return [[name, name === "x-ms-run-fn-exec-ms" ? "milliseconds" : value]];
    }),
    body: Buffer.from(await response.arrayBuffer()).toString("latin1"),
  };
}

const scripts: [name: string, file: string, cases: Case[], withoutPackages: boolean][] = [
  ["an undecorated run()", "text.py", TEXT, true],
  ["a decorated run()", "decorated.py", DECORATED, false],
  ["a run() of which only the output is decorated", "output_alone.py", OUTPUT, false],
  ["a run() with @rawhttp", "raw.py", RAW, true],
  ["a run() with request_headers", "headers.py", HEADERS, true],
  ["a run() that asks flask.request", "flask_request.py", FLASK, false],
  ["a run() with @rawhttp by its older name", "older_names.py", OLDER, false],
];

describe.each(scripts)(
  "%s answers as under azureml-inference-server-http",
  (_, file, cases, withoutPackages) => {
    const pythons: [string, () => string][] = [["Azure ML's packages", azurePython]];
    if (withoutPackages) pythons.push(["the standard library alone", () => "python3"]);
    let azure: Server;
    beforeAll(async () => {
      azure = await startAzure(file);
    });
    afterAll(async () => void (await azure.end()));

    describe.each(pythons)("with %s", (_, python) => {
      let ours: Server;
      beforeAll(async () => {
        ours = await startOurs(file, python());
      });
      afterAll(async () => void (await ours.end()));

      it.each(cases)("%s", async (_, target, init) => {
        expect(await seen(ours, target, init)).toEqual(await seen(azure, target, init));
      });

      if (file === "headers.py") {
        it("request_headers that are there twice", async () => {
          expect(await postTwice(ours)).toBe(await postTwice(azure));
        });
      }
    });
  },
);
