import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AppProcess, startProcess } from "./process.ts";

/** FUZZ_SEED=N repeats a run. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const HTTP_RUNS = 7000;
const SOCKET_RUNS = 3000;
/** Every status that the documents allow for what a client can do wrong: none that tells of overload or a fault of the server. */
const DOCUMENTED = [200, 400, 404, 405, 408, 413, 415, 431];

let app: AppProcess;
beforeAll(async () => {
  process.stdout.write(`fuzz seed ${seed} (FUZZ_SEED=${seed} repeats this run)\n`);
  const limits = {
    MAX_BODY_BYTES: "20000",
    MAX_ROWS: "50",
    HEADERS_TIMEOUT_MS: "500",
    REQUEST_TIMEOUT_MS: "1000",
  };
  app = await startProcess({ ...limits, ACCESS_LOG: "none" });
});
afterAll(() => app.end());

async function residentMegabytes(): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)/m.exec(text)![1]) / 1e6;
}

const cell = fc.oneof(
  { weight: 6, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.integer() },
  fc.constantFrom(null, true, "x", "", [], {}, 1e308, -0),
);
const row = fc.oneof(
  { weight: 4, arbitrary: fc.array(cell, { minLength: 10, maxLength: 10 }) },
  fc.array(cell),
  cell,
);
const record = fc.dictionary(
  fc.constantFrom("age", "sex", "bmi", "bp", "s1", "__proto__", "constructor"),
  cell,
);
const rows = fc.oneof(fc.array(row, { maxLength: 60 }), fc.array(record, { maxLength: 5 }), cell);
const names = fc.array(fc.constantFrom("age", "sex", "bmi", "s1", "?"), { maxLength: 11 });
const tensor = fc.record(
  {
    name: fc.constantFrom<unknown>("features", "x", 1, null),
    shape: fc.oneof(fc.constant([1, 10]), fc.array(fc.oneof(fc.integer(), fc.constant(2 ** 40))), cell),
    datatype: fc.constantFrom<unknown>("FP32", "INT64", "BYTES", "BOOL", "__proto__", 7),
    data: fc.oneof(fc.array(cell, { minLength: 10, maxLength: 10 }), cell),
    parameters: fc.oneof(fc.record({ binary_data_size: fc.oneof(fc.integer(), cell) }), cell),
  },
  { requiredKeys: ["name"] },
);
const json = fc.oneof(
  fc.record({ data: rows, method: fc.constantFrom("predict", "predict_proba", 1, undefined) }),
  fc.record({ input_data: fc.record({ columns: names, index: fc.array(cell), data: rows }) }),
  fc.record({ Inputs: fc.oneof(fc.record({ data: rows }), cell), GlobalParameters: fc.jsonValue() }),
  fc.record({ inputs: fc.oneof(fc.array(tensor, { maxLength: 3 }), cell), outputs: fc.jsonValue() }),
  fc.jsonValue(),
);
const body = fc.oneof(
  { weight: 6, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value) ?? "")) },
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  fc
    .integer({ min: 1, max: 9000 })
    .map((depth) => Buffer.from(`{"data":${"[".repeat(depth)}${"]".repeat(depth)}}`)),
  fc.integer({ min: 0, max: 30_000 }).map((size) => Buffer.alloc(size, "7")),
);
const headerText = fc
  .string({ unit: fc.constantFrom(..."abc/;=,-%"), maxLength: 120 })
  .map((text) => text.trim());
const headers = fc.dictionary(
  fc.constantFrom(
    "content-type",
    "content-encoding",
    "x-request-id",
    "x-ms-request-id",
    "traceparent",
    "origin",
    "inference-header-content-length",
    "accept",
  ),
  fc.oneof(fc.constantFrom("application/json", "text/csv", "identity", "5", "-1", "1e3"), headerText),
);
const path = fc.constantFrom(
  "/score",
  "/score",
  "/score",
  "/v2/models/diabetes/infer",
  "/v2/repository/index",
  "/",
  "/score?data=[[1]]",
  "/score?%",
  "/v2/models/%ff",
  "/v2/models//ready",
  "/swagger.json?version=9",
  "/%00",
  "//",
);
const method = fc.constantFrom("POST", "POST", "POST", "POST", "GET", "OPTIONS", "PUT", "DELETE", "HEAD");

it(`${HTTP_RUNS} requests of any body and headers: every answer is a documented status`, async () => {
  const before = await residentMegabytes();
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(path, method, headers, body, async (target, verb, head, content) => {
      const bare = verb === "GET" || verb === "HEAD";
      const response = await fetch(app.url + target, {
        method: verb,
        headers: { "content-type": "application/json", ...head },
        body: bare ? undefined : new Uint8Array(content),
        signal: AbortSignal.timeout(10_000),
      });
      await response.arrayBuffer();
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      expect(DOCUMENTED).toContain(response.status);
    }),
    { seed, numRuns: HTTP_RUNS },
  );
  expect(seen.get(200)).toBeGreaterThan(100);
  expect(seen.get(400)).toBeGreaterThan(1000);
  expect((await residentMegabytes()) - before).toBeLessThan(80);
}, 80_000);

const GOOD = '{"data":[[1,2,3,4,5,6,7,8,9,10]]}';
const head = (length: number, extra = "") =>
  `POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${extra}\r\n`;
const whole = head(GOOD.length) + GOOD;
const wire = fc.oneof(
  // Cut anywhere, oversized, pipelined, or garbage.
  fc.nat(whole.length - 1).map((end) => ({ bytes: Buffer.from(whole.slice(0, end)), kind: "cut" })),
  fc
    .integer({ min: 20_001, max: 40_000 })
    .map((size) => ({ bytes: Buffer.from(head(size) + "7".repeat(size)), kind: "any" })),
  fc.integer({ min: 16_000, max: 40_000 }).map((size) => ({
    bytes: Buffer.from(`${head(2, `x-long: ${"a".repeat(size)}\r\n`)}{}`),
    kind: "any",
  })),
  fc.integer({ min: 2, max: 6 }).map((count) => ({
    bytes: Buffer.from(whole.repeat(count - 1) + head(GOOD.length, "connection: close\r\n") + GOOD),
    kind: `pipelined ${count}`,
  })),
  fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => ({ bytes: Buffer.from(bytes), kind: "any" })),
  fc
    .constantFrom(
      "POST /score HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
      "POST /score HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      "POST /score HTTP/1.1\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET /score HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n",
    )
    .map((text) => ({ bytes: Buffer.from(text), kind: "any" })),
);

/** Sends bytes in two parts, ends (unless the server is to), and reads to the end. */
async function exchange(bytes: Buffer, cut: number, end: boolean): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
  const at = cut % (bytes.length + 1);
  socket.write(bytes.subarray(0, at), () => {
    if (end) socket.end(bytes.subarray(at));
    else socket.write(bytes.subarray(at));
  });
  await closed;
  return Buffer.concat(chunks).toString("latin1");
}

it(`${SOCKET_RUNS} raw connections, cut, oversized, pipelined, garbage: answered or closed, never 5xx`, async () => {
  await fc.assert(
    fc.asyncProperty(wire, fc.nat(), async ({ bytes, kind }, cut) => {
      const answer = await exchange(bytes, cut, !kind.startsWith("pipelined"));
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      for (const status of statuses) expect([100, ...DOCUMENTED]).toContain(status);
      if (kind.startsWith("pipelined"))
        expect(statuses).toEqual(new Array(Number(kind.split(" ")[1])).fill(200));
    }),
    { seed, numRuns: SOCKET_RUNS },
  );
  expect((await fetch(`${app.url}/v2/health/ready`)).status).toBe(200);
}, 80_000);

it("a client that sends its head or body too slowly is answered 408 and cut", async () => {
  for (const bytes of ["POST /score HT", `${head(50)}{`]) {
    const socket = connect(Number(new URL(app.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.write(bytes);
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1.1 408/);
  }
}, 20_000);
