import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Json, startApp, type TestApp } from "./app.ts";

const TWO = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
];
const COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ SCORING_REVISION: "rev-1" });
});
afterAll(() => app.stop());

describe("the other routes", () => {
  it("GET / is Healthy, as text", async () => {
    const response = await app.get("/");
    expect(await response.text()).toBe("Healthy");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  it("unknown path 404, unknown method 405 with Allow; under /v2 as {error}", async () => {
    expect(await (await app.get("/nope")).json()).toEqual({ message: "/nope is not there" });
    const response = await app.get("/score", { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, GET, OPTIONS");
    expect(await (await app.get("/v2/nope")).json()).toEqual({ error: "/v2/nope is not there" });
  });

  it("/swagger.json lists every route and method, in version 2 (default) and 3, with the sample", async () => {
    const two = (await (await app.get("/swagger.json")).json()) as Json;
    const three = (await (await app.get("/swagger.json?version=3")).json()) as Json;
    expect(two.swagger).toBe("2.0");
    expect(three.openapi).toBe("3.0.3");
    for (const { path, methods } of app.assembled.routes) {
      for (const method of Object.keys(methods)) {
        expect(three.paths[path][method.toLowerCase()].responses["200"]).toBeDefined();
        expect(two.paths[path][method.toLowerCase()].responses["200"]).toBeDefined();
      }
    }
    const { content } = three.paths["/score"].post.requestBody;
    expect((await app.post(content["application/json"].example)).status).toBe(200);
    const headers = { "content-type": "text/csv" };
    const csv = { method: "POST", headers, body: content["text/csv"].example };
    expect((await app.get("/score", csv)).status).toBe(200);
    const [data] = content["application/json"].schema.anyOf;
    const [rows, records] = data.properties.data.anyOf;
    expect(rows.items).toMatchObject({
      minItems: 10,
      maxItems: 10,
      items: { type: "number", nullable: true },
    });
    expect(records.items).toMatchObject({ required: COLUMNS, additionalProperties: false });
    expect(data.properties.method.enum).toEqual(["predict", null]);
    expect(Object.keys(three.paths["/score"].post.responses)).toEqual([
      "200",
      "400",
      "408",
      "413",
      "415",
      "429",
      "431",
      "500",
      "503",
      "504",
    ]);
    expect((await app.get("/swagger.json?version=4")).status).toBe(404);
  });

  it("/metrics tells requests, latency, rows, batches, queue, model and process", async () => {
    await app.post({ data: TWO });
    const text = await (await app.get("/metrics")).text();
    for (const name of [
      'scoring_requests_total{route="/score",method="POST",status="200"}',
      'scoring_request_duration_seconds_bucket{le="0.01",route="/score"}',
      "scoring_rows_total",
      "scoring_batch_rows_count",
      "scoring_batch_requests_count",
      "scoring_queue_requests 0",
      'scoring_model_info{name="diabetes",version="1"} 1',
      "process_resident_memory_bytes",
    ]) {
      expect(text).toContain(name);
    }
  });

  it("/metrics counts by route, method and status; paths and methods of strangers are one series", async () => {
    const counted = await startApp();
    await counted.get("/nope");
    await counted.get("/score", { method: "DELETE" });
    await counted.post({ data: TWO });
    await counted.get("/metrics");
    const text = await (await counted.get("/metrics")).text();
    for (const line of [
      'scoring_requests_total{route="none",method="other",status="404"} 1',
      'scoring_requests_total{route="/score",method="other",status="405"} 1',
      'scoring_requests_total{route="/score",method="POST",status="200"} 1',
      'scoring_requests_total{route="/metrics",method="GET",status="200"} 1',
      'scoring_request_duration_seconds_bucket{le="+Inf",route="/score"} 2',
      'scoring_request_duration_seconds_count{route="/score"} 2',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    await counted.stop();
  });

  it("/docs and /metrics can be switched off", async () => {
    const bare = await startApp({ DOCS_ENABLED: "false", METRICS_ENABLED: "false" });
    expect((await bare.get("/docs")).status).toBe(404);
    expect((await bare.get("/metrics")).status).toBe(404);
    await bare.stop();
  });

  it("logs a failed request with its id and without its body", async () => {
    await app.post({ secret: 1 }, "/score", { "x-request-id": "look-for-me" });
    const line = app.lines.find(({ requestId }) => requestId === "look-for-me");
    expect(line).toMatchObject({ level: "info", message: "request", method: "POST", path: "/score" });
    expect(JSON.stringify(app.lines)).not.toContain("secret");
  });
});
