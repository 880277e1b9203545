import "reflect-metadata";
import type { Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import * as x509 from "@peculiar/x509";
import { describe, expect, it } from "vitest";
import { waitUntilReady } from "../../../components/release/readiness.ts";
import {
  type Answer,
  failure,
  listen,
  READY,
  REVISION,
  SAMPLE,
  type Script,
  serve,
  servers,
  swaggerWith,
  target,
  world,
} from "./readiness-fixtures.ts";

describe("an app that is up", () => {
  it("is ready after one answer of the ready path and one scoring of its own sample", async () => {
    const { baseUrl, requests } = await serve(READY);
    await waitUntilReady(target(baseUrl), world());
    expect(requests).toEqual([
      "GET /v2/health/ready",
      "GET /swagger.json?version=3",
      `POST /score ${JSON.stringify(SAMPLE)}`,
    ]);
  });

  it.each([
    ["rows answered by an object", { data: [[1], [2]] }, { predictions: [1, 2] }],
    ["rows answered by an array of another length", { data: [[1], [2]] }, ["label", 0.9, "x"]],
    ["rows answered by no JSON, as Python's NaN or an image", { data: [[1], [2]] }, "[NaN]"],
    ["a body of its own", { patients: [{ bmi: 1 }] }, [{ high: true }, { high: false }]],
  ])("is ready when its entry script takes %s", async (_, sample, body) => {
    const own = { "/swagger.json?version=3": [{ body: swaggerWith(sample) }], "/score": [{ body }] };
    const { baseUrl, requests } = await serve({ ...READY, ...own });
    await waitUntilReady(target(baseUrl), world());
    expect(requests.at(-1)).toBe(`POST /score ${JSON.stringify(sample)}`);
  });

  it("without a sample, as of a script, is ready, and what stays is how to give one", async () => {
    const own = { "/swagger.json?version=3": [{ body: { paths: { "/score": { post: {} } } } }] };
    const { baseUrl, requests } = await serve({ ...READY, ...own });
    const outside = world();
    await waitUntilReady(target(baseUrl), outside);
    expect(requests).not.toContainEqual(expect.stringContaining("POST /score"));
    expect(outside.kept).toEqual([
      expect.stringContaining("has scored nothing (put a sample_request.json beside its script)"),
    ]);
  });

  it.each([
    ["starts", { "/v2/health/ready": [{ status: 503, revision: null }, { status: 503 }, {}] }],
    ["still answers by the earlier revision", { "/v2/health/ready": [{ revision: "earlier" }, {}] }],
    ["is replaced between two answers", { "/score": [{ revision: "earlier", body: [1] }, { body: [1] }] }],
    [
      "fails once while scoring",
      { "/score": [{ status: 500 }, { status: 502, revision: null }, { body: [1] }] },
    ],
    ["is busy", { "/score": [{ status: 429 }, { body: [1] }] }],
  ])("is waited for while it %s", async (_, own) => {
    const { baseUrl } = await serve({ ...READY, ...(own as Script) });
    await waitUntilReady(target(baseUrl), world());
  });

  it("is waited for while nothing listens", async () => {
    const { baseUrl } = await serve(READY);
    const port = Number(new URL(baseUrl).port);
    const server = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    const outside = world();
    const again = new Promise<void>((resolve) => {
      outside.sleep = async () => {
        servers.push(server);
        await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
        resolve();
      };
    });
    await waitUntilReady(target(baseUrl), outside);
    await again;
    expect(outside.reports.at(-2)).toContain("ECONNREFUSED");
  });

  it("is reported on with what it waits for, how long and what came back", async () => {
    const { baseUrl } = await serve({
      ...READY,
      "/v2/health/ready": [{ status: 503, revision: null }, { revision: "earlier" }, {}],
    });
    const { reports, ...outside } = world();
    await waitUntilReady(target(baseUrl), outside);
    const start = `Waiting for revision ${REVISION} at ${baseUrl}:`;
    expect(reports).toEqual([
      `${start} 0 s, no answer yet`,
      `${start} 1 s, /v2/health/ready answered 503 by none of the app's revisions`,
      `${start} 2 s, /v2/health/ready answered 200 by revision earlier`,
      `Revision ${REVISION} is ready and has scored its sample: 2 s`,
    ]);
  });
});

describe("an app that does not come up in time", () => {
  it.each([
    [
      "the earlier revision answers",
      { "/v2/health/ready": [{ revision: "earlier" }] },
      "/v2/health/ready answered 200 by revision earlier",
    ],
    [
      "its ready path fails",
      { "/v2/health/ready": [{ status: 503, body: "no model" }] },
      "answered 503: no model",
    ],
    [
      "scoring fails",
      { "/score": [{ status: 500, body: '{"message":"boom"}' }] },
      'answered 500: {"message":"boom"}',
    ],
    [
      "another app answers",
      { "/v2/health/ready": [{ revision: null }] },
      "200 by none of the app's revisions",
    ],
  ])("is given up with the reason when %s", async (_, own, reason) => {
    const { baseUrl, requests } = await serve({ ...READY, ...(own as Script) });
    const message = await failure(baseUrl);
    expect(message).toContain("not ready within 5 s (setting readyTimeout): ");
    expect(message).toContain(reason);
    expect(requests.filter((request) => request === "GET /v2/health/ready")).toHaveLength(5);
  });

  it("is given up when it accepts requests and never answers", async () => {
    const silent: typeof fetch = async (_, init) => {
      expect(init?.signal).toBeInstanceOf(AbortSignal);
      throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
    };
    const message = await failure("https://localhost", { ...world(), fetch: silent });
    expect(message).toContain("no answer in time");
  });

  it("is asked once more after a sleep of the computer beyond the end", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, {}] });
    const outside = world();
    const { sleep } = outside;
    await waitUntilReady(target(baseUrl), { ...outside, sleep: () => sleep(3_600_000) });
  });

  it("is reported on every ten seconds while nothing changes", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }] });
    const outside = world();
    await failure(baseUrl, outside, 31);
    expect(outside.reports.map((report) => report.match(/: (\d+) s, (no answer)?/)?.slice(1))).toEqual([
      ["0", "no answer"],
      ["1", undefined],
      ["11", undefined],
      ["21", undefined],
    ]);
  });
});

describe("waiting ends at once", () => {
  it.each([
    [
      "the web app is stopped",
      {
        "/v2/health/ready": [
          { status: 403, revision: null, body: "<h1>Error 403 - This web app is stopped.</h1>" },
        ],
      },
      "stopped: start it with `az webapp start`",
    ],
    [
      "the app refuses its own sample",
      { "/score": [{ status: 400, body: "row 1" }] },
      "/score answered 400: row 1",
    ],
    ["the app answers no JSON", { "/score": [{ body: "<html>" }] }, "/score answered no JSON: <html>"],
    ["a prediction is missing", { "/score": [{ body: [] }] }, "answered 0 predictions for the 1 rows"],
    [
      "there is no OpenAPI document",
      { "/swagger.json?version=3": [{ status: 404 }] },
      "answered 404: (empty)",
    ],
  ])("when %s", async (_, own, reason) => {
    const { baseUrl } = await serve({ ...READY, ...(own as Script) });
    const outside = world((attempt) => expect.unreachable(`attempt ${attempt}`));
    expect(await failure(baseUrl, outside)).toContain(reason);
  });

  it("when the certificate's authority is not trusted", async () => {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=localhost",
      keys,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    });
    const key = x509.PemConverter.encode(
      await crypto.subtle.exportKey("pkcs8", keys.privateKey),
      "PRIVATE KEY",
    );
    const server = createTlsServer({ key, cert: certificate.toString("pem") }) as Server;
    const port = await listen(server);
    const outside = world((attempt) => expect.unreachable(`attempt ${attempt}`));
    expect(await failure(`https://localhost:${port}`, outside)).toContain("NODE_EXTRA_CA_CERTS");
  });
});

describe("several instances", () => {
  it("are ready when twenty answers on new connections come from the revision", async () => {
    const { baseUrl, connections } = await serve(READY);
    await waitUntilReady(target(baseUrl, { instances: 2 }), world());
    // The first ones share a connection.
    expect(connections.size).toBe(21);
  });

  it("are waited for while an earlier revision is among them", async () => {
    const answers = [...Array<Answer>(20).fill({}), { revision: "earlier" }, {}];
    const { baseUrl, requests } = await serve({ ...READY, "/v2/health/ready": answers });
    await waitUntilReady(target(baseUrl, { instances: 2 }), world());
    expect(requests.filter((request) => request === "GET /v2/health/ready")).toHaveLength(42);
  });
});
