import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, it, onTestFinished } from "vitest";
import { type Json, startApp, type TestApp } from "./app.ts";

/** Started in the test, since what starts it is what is tested: the routes. */
async function started(): Promise<TestApp> {
  const app = await startApp({ SERVICE_NAME: "</script>" });
  onTestFinished(() => app.stop());
  return app;
}

/** What /swagger.json?version=3 says of each operation, a line each. */
async function operations(app: TestApp): Promise<string[]> {
  const { paths } = (await (await app.get("/swagger.json?version=3")).json()) as Json;
  return Object.entries<Json>(paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { summary, parameters = [], requestBody, responses }]) => {
      const types = ({ content = {} }: Json = {}) => Object.keys(content).join(", ");
      const body = requestBody ? ` <- ${types(requestBody)}${requestBody.required ? "" : ", or none"}` : "";
      const query = parameters.flatMap((one: Json) => (one.in === "query" ? [` ?${one.name}`] : []));
      return `${method.toUpperCase()} ${path}${query}${body} -> ${types(responses["200"])}: ${summary}`;
    }),
  );
}

it("swagger.json tells what each operation is for, takes and answers", async () => {
  expect(await operations(await started())).toMatchInlineSnapshot(`
    [
      "GET / -> text/plain: Whether the server is up",
      "GET /v2/health/live -> application/json: Whether the server is up",
      "GET /v2/health/ready -> application/json: Whether the app has scored its own sample and is not shutting down",
      "POST /score <- application/json, text/csv -> application/json: Scores rows",
      "GET /score ?data -> application/json: Scores what the query says: /score?data=[[…]]",
      "OPTIONS /score -> text/plain: CORS preflight",
      "GET /v2 -> application/json: The server's name, version and extensions",
      "GET /v2/models/{model} -> application/json: A model's tensors",
      "GET /v2/models/{model}/ready -> application/json: Whether a model is ready",
      "POST /v2/models/{model}/infer <- application/json, application/octet-stream -> application/json, application/octet-stream: Runs a model (Open Inference Protocol v2, JSON or binary data)",
      "GET /v2/models/{model}/versions/{version} -> application/json: A model's tensors",
      "GET /v2/models/{model}/versions/{version}/ready -> application/json: Whether a model is ready",
      "POST /v2/models/{model}/versions/{version}/infer <- application/json, application/octet-stream -> application/json, application/octet-stream: Runs a model (Open Inference Protocol v2, JSON or binary data)",
      "POST /v2/repository/index <- application/json, or none -> application/json: Lists the models",
      "GET /swagger.json ?version -> application/json: This document",
      "GET /docs -> text/html: A page to try the model",
      "GET /metrics -> text/plain: Metrics in Prometheus format",
    ]
  `);
});

it("swagger.json tells what each status means", async () => {
  const app = await started();
  const { paths } = (await (await app.get("/swagger.json?version=3")).json()) as Json;
  const told = (path: string, method: string) =>
    Object.entries<Json>(paths[path][method].responses).map(
      ([status, { description }]) => `${status} ${description}`,
    );
  expect({
    score: told("/score", "post"),
    infer: told("/v2/models/{model}/versions/{version}/infer", "post"),
    ready: told("/v2/models/{model}/ready", "get"),
    up: told("/v2/health/ready", "get"),
    index: told("/v2/repository/index", "post"),
  }).toMatchInlineSnapshot(`
    {
      "index": [
        "200 Names, versions, states",
        "400 The request does not fit the model; the message names row, column, expected and given",
        "408 The request arrives too slowly",
        "413 The body, inflated if it is gzip, or the number of rows is above the limit",
        "415 Content-Type is not served, or Content-Encoding is not gzip",
        "429 Too many requests are under way; see Retry-After",
        "431 A request id has more than 100 characters, or the headers are too large",
        "503 Too many connections, or too many bytes of bodies are held; see Retry-After",
      ],
      "infer": [
        "200 Tensors",
        "400 The request does not fit the model; the message names row, column, expected and given",
        "404 No such model or version",
        "408 The request arrives too slowly",
        "413 The body, inflated if it is gzip, or the number of rows is above the limit",
        "415 Content-Type is not served, or Content-Encoding is not gzip",
        "429 Too many requests are under way; see Retry-After",
        "431 A request id has more than 100 characters, or the headers are too large",
        "500 run() failed; the log has the request id",
        "503 Too many connections, or too many bytes of bodies are held; see Retry-After",
        "504 run(), or the wait for the model, took longer than SCORING_TIMEOUT_MS",
      ],
      "ready": [
        "200 It is",
        "404 No such model or version",
        "431 A request id has more than 100 characters, or the headers are too large",
        "503 It is not",
      ],
      "score": [
        "200 Predictions, one a row",
        "400 The request does not fit the model; the message names row, column, expected and given",
        "408 The request arrives too slowly",
        "413 The body, inflated if it is gzip, or the number of rows is above the limit",
        "415 Content-Type is not served, or Content-Encoding is not gzip",
        "429 Too many requests are under way; see Retry-After",
        "431 A request id has more than 100 characters, or the headers are too large",
        "500 run() failed; the log has the request id",
        "503 Too many connections, or too many bytes of bodies are held; see Retry-After",
        "504 run(), or the wait for the model, took longer than SCORING_TIMEOUT_MS",
      ],
      "up": [
        "200 It is ready",
        "431 A request id has more than 100 characters, or the headers are too large",
        "503 It is not",
      ],
    }
  `);
});

it.each(["2.0", "3.0"])("swagger.json?version=%s is that without the point", async (version) => {
  const app = await started();
  const document = async (query: string) => (await app.get(`/swagger.json?version=${query}`)).json();
  expect(await document(version)).toEqual(await document(version.slice(0, 1)));
});

it("swagger.json of another version names it and those that are there", async () => {
  const app = await started();
  const response = await app.get("/swagger.json?version=4");
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    message: "Swagger version [4] is not valid. Supported versions: [2, 3].",
  });
});

it("/docs is the page with the model's columns in it, and allows no script and no style but its own", async () => {
  const app = await started();
  const response = await app.get("/docs");
  const page = await response.text();
  const template = await readFile(new URL("../../scoring-app/public/docs.html", import.meta.url), "utf8");
  const hash = (element: string) => {
    const [, text] = new RegExp(`<${element}>([^]*?)</${element}>`).exec(template)!;
    return `'sha256-${createHash("sha256").update(text!).digest("base64")}'`;
  };
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("content-security-policy")).toBe(
    [
      "default-src 'none'",
      "connect-src 'self'",
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      `script-src ${hash("script")}`,
      `style-src ${hash("style")}`,
    ].join("; "),
  );
  const [, data] = /<script id="data" type="application\/json">(.*)<\/script>/.exec(page)!;
  expect(page).toBe(template.replace('"$DATA"', () => data!));
  const { service, models, sample } = JSON.parse(data!) as Json;
  expect(service).toBe("</script>");
  expect(sample).toEqual(app.assembled.service.sample);
  expect(models).toHaveLength(1);
  expect(models[0]).toMatchObject({ name: "diabetes", version: "1", checkedRows: 5 });
  expect(models[0].columns).toHaveLength(10);
  expect(models[0].columns[0]).toEqual({
    name: "age",
    type: "float32",
    sample: expect.any(Number),
    range: [expect.any(Number), expect.any(Number)],
  });
});

it("whether it is up is text, and JSON under /v2; ready until it is drained", async () => {
  const app = await started();
  const seen = async (path: string) => {
    const response = await app.get(path);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  expect(await seen("/")).toEqual([200, "text/plain; charset=utf-8", "Healthy"]);
  expect(await seen("/v2/health/live")).toEqual([200, "application/json", '{"live":true}']);
  expect(await seen("/v2/health/ready")).toEqual([200, "application/json", '{"ready":true}']);
  app.assembled.service.drain();
  expect(await seen("/v2/health/ready")).toEqual([503, "application/json", '{"ready":false}']);
  expect(await seen("/v2/health/live")).toEqual([200, "application/json", '{"live":true}']);
});
