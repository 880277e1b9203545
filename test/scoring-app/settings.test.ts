import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { idleTimeout } from "../../scoring-app/src/http/idle.ts";
import { readSettings } from "../../scoring-app/src/settings.ts";
import { golden, type Json, startApp, type TestApp } from "./app.ts";

const ROW = new Array(10).fill(1);

let app: TestApp;
afterEach(() => app?.stop());

it("README's table lists exactly the variables that are read, with their defaults", () => {
  const asked = new Set<string>();
  const defaults = readSettings(
    new Proxy({}, { get: (_, name) => void asked.add(String(name)) }) as Record<string, string>,
  );
  const readme = readFileSync(new URL("../../scoring-app/README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| ([A-Z][A-Z_, a-z]+?) +\| (.*?) +\|/gm)].map(([, names, value]) => ({
    names: names!.split(/, else |, /),
    values: value!.split(", "),
  }));
  expect(new Set(rows.flatMap(({ names }) => names))).toEqual(asked);
  const documented = (name: string) => {
    const row = rows.find(({ names }) => names.includes(name))!;
    return row.values[Math.min(row.names.indexOf(name), row.values.length - 1)];
  };
  for (const [name, value] of Object.entries({
    PORT: defaults.port,
    WORKER_COUNT: defaults.workers,
    SCORING_TIMEOUT_MS: defaults.scoringTimeoutMs,
    SERVICE_NAME: defaults.serviceName,
    SERVICE_VERSION: defaults.serviceVersion,
    HTTP_X_MS_SERVER_VERSION: defaults.serverVersion,
    DOCS_ENABLED: defaults.docs,
    METRICS_ENABLED: defaults.metrics,
    ACCESS_LOG: defaults.accessLog,
    GATHER: defaults.gather,
    MAX_BODY_BYTES: defaults.maxBodyBytes,
    MAX_ROWS: defaults.maxRows,
    MAX_QUEUE: defaults.maxQueue,
    MAX_QUEUE_MS: defaults.maxQueueMs,
    MAX_QUEUE_BYTES: defaults.maxQueueBytes,
    MAX_CONNECTIONS: defaults.maxConnections,
    HEADERS_TIMEOUT_MS: defaults.headersTimeoutMs,
    REQUEST_TIMEOUT_MS: defaults.requestTimeoutMs,
    SHUTDOWN_GRACE_MS: defaults.shutdownGraceMs,
  })) {
    expect(documented(name), name).toBe(String(value));
  }
});

it("an idle connection is kept longer than App Service's front end keeps it, and than a request or a run() may take", () => {
  const timeout = (env: Record<string, string>) => idleTimeout(readSettings(env));
  expect(timeout({})).toBeGreaterThan(240_000);
  expect(timeout({ SCORING_TIMEOUT_MS: "600000" })).toBeGreaterThan(600_000);
  expect(timeout({ REQUEST_TIMEOUT_MS: "700000" })).toBeGreaterThan(700_000);
});

describe("names", () => {
  it("MODEL_NAME, SERVICE_NAME, SERVICE_VERSION, HTTP_X_MS_SERVER_VERSION, AZUREML_MODEL_DIR", async () => {
    app = await startApp({
      MODEL_NAME: "other",
      SERVICE_NAME: "Prices",
      SERVICE_VERSION: "7",
      HTTP_X_MS_SERVER_VERSION: "mine/1",
      AZUREML_MODEL_DIR: golden("multiclass"),
    });
    const response = await app.get("/v2/models/other");
    expect(response.headers.get("x-ms-server-version")).toBe("mine/1");
    expect(((await response.json()) as Json).inputs[0].shape).toEqual([-1, 4]);
    expect(await (await app.get("/v2")).json()).toMatchObject({ name: "Prices", version: "7" });
    const { info } = (await (await app.get("/swagger.json")).json()) as Json;
    expect(info).toMatchObject({ title: "Prices", version: "7" });
  });

  it("AML_CORS_ORIGINS: hosts in any case, which browsers send in lower case", async () => {
    app = await startApp({ AML_CORS_ORIGINS: "https://A.example" });
    const { headers } = await app.get("/", { headers: { origin: "https://a.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("https://a.example");
  });

  it("AML_CORS_ORIGINS=*: every origin", async () => {
    app = await startApp({ AML_CORS_ORIGINS: "*" });
    const { headers } = await app.get("/", { headers: { origin: "https://any.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("ACCESS_LOG", () => {
  it.each([
    ["none", []],
    ["failures", [404]],
    ["all", [200, 404]],
  ])("%s", async (value, logged) => {
    app = await startApp({ ACCESS_LOG: value });
    await app.get("/");
    await app.get("/nope");
    const statuses = app.lines.filter(({ message }) => message === "request").map(({ status }) => status);
    expect(statuses).toEqual(logged);
  });
});

describe("overload", () => {
  it("MAX_QUEUE_BYTES: bodies beyond it are 503 with Retry-After, and what they held is given back", async () => {
    app = await startApp({ MAX_QUEUE_BYTES: "1000" });
    const slow = connect(app.port, "127.0.0.1");
    slow.write(`POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n${" ".repeat(800)}`);
    await expect.poll(() => app.assembled.service.admission.bytes).toBe(800);
    const refused = await app.post({ data: new Array(20).fill(ROW) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    const index = await app.post({ long: "x".repeat(300) }, "/v2/repository/index");
    expect(index.status).toBe(503);
    expect((await app.post({ data: [ROW] })).status).toBe(200);
    slow.destroy();
    await expect.poll(() => app.assembled.service.admission.bytes).toBe(0);
    expect((await app.post({ data: new Array(20).fill(ROW) })).status).toBe(200);
  });

  it("slow senders take no place in the queue", async () => {
    app = await startApp({ MAX_QUEUE: "1" });
    const slow = connect(app.port, "127.0.0.1");
    slow.write("POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n{");
    await expect.poll(() => app.assembled.service.admission.bytes).toBe(1);
    expect((await app.post({ data: [ROW] })).status).toBe(200);
    slow.destroy();
  });

  it("MAX_CONNECTIONS: a request on one more is 503 with Retry-After, and beyond twice as many closed", async () => {
    app = await startApp({ MAX_CONNECTIONS: "1" });
    const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const ask = (agent: Agent) =>
      new Promise<string>((resolve) => {
        get(`${app.url}/`, { agent }, (response) => {
          response
            .resume()
            .on("end", () => resolve(`${response.statusCode} ${response.headers["retry-after"]}`));
        }).on("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
      });
    expect(await ask(agents[0]!)).toBe("200 undefined");
    const silent = connect(app.port, "127.0.0.1");
    await new Promise<void>((resolve) => silent.once("connect", resolve));
    expect(await ask(agents[1]!)).toBe("ECONNRESET");
    silent.destroy();
    await expect.poll(() => ask(agents[2]!)).toBe("503 1");
    expect(await ask(agents[0]!)).toBe("200 undefined");
    for (const agent of agents) agent.destroy();
    await expect.poll(() => ask(new Agent({ maxSockets: 1 }))).toBe("200 undefined");
  });
});
