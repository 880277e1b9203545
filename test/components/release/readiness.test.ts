import "reflect-metadata";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import * as x509 from "@peculiar/x509";
import { afterEach, describe, expect, it } from "vitest";
import { NotReadyError, type Target, waitUntilReady } from "../../../components/release/readiness.ts";

const REVISION = "0123456789abcdef";
const SAMPLE = { data: [[1, 2, 3]] };
/** Azure's time when the update began, and when it wrote the web app. */
const BEGUN = Date.parse("2026-01-02T03:00:00Z");
const WRITTEN = BEGUN + 60_000;

interface Answer {
  status?: number;
  revision?: string | null;
  body?: unknown;
}

/** What the server answers to each path, in order; the last answer stays. */
type Script = Record<string, Answer[]>;

const READY: Script = {
  "/v2/health/ready": [{}],
  "/swagger.json?version=3": [{ body: swaggerWith(SAMPLE) }],
  "/score": [{ body: [152.1] }],
};

function swaggerWith(example: unknown) {
  return { paths: { "/score": { post: { requestBody: { content: { "application/json": { example } } } } } } };
}

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A web app that plays the script, and what it was asked. */
async function serve(script: Script) {
  const requests: string[] = [];
  const connections = new Set<Socket>();
  const turns: Record<string, number> = {};
  const listener: RequestListener = (request, response) => {
    const url = request.url ?? "";
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      connections.add(request.socket);
      requests.push(`${request.method} ${url} ${Buffer.concat(chunks)}`.trim());
      const answers = script[url] ?? [{ status: 404 }];
      const turn = turns[url] ?? 0;
      turns[url] = turn + 1;
      const { status = 200, revision = REVISION, body = "" } = answers[Math.min(turn, answers.length - 1)]!;
      if (revision) response.setHeader("x-scoring-revision", revision);
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  };
  const port = await listen(createServer(listener));
  return { requests, connections, baseUrl: `http://127.0.0.1:${port}` };
}

/** A clock that only sleeping moves on, by fractions of a millisecond too, and an Azure whose log is this text. */
function world(onSleep: (attempt: number) => void = () => {}, text = (_time: number) => "") {
  const reports: string[] = [];
  // A minute after the update began.
  let time = 60_000;
  let attempts = 0;
  const begun = time;
  return {
    reports,
    fetch,
    now: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds + 0.25;
      attempts += 1;
      onSleep(attempts);
    },
    report: (progress: string) => void reports.push(progress),
    written: async () => BEGUN,
    log: async () => ({ text: text(time - begun), time: BEGUN + time }),
  };
}

const target = (baseUrl: string, own: Partial<Target> = {}): Target => ({
  baseUrl,
  revision: REVISION,
  instances: 1,
  timeout: 5,
  ...own,
});

async function failure(baseUrl: string, outside = world(), timeout = 5): Promise<string> {
  const error = await waitUntilReady(target(baseUrl, { timeout }), outside).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotReadyError);
  return (error as Error).message;
}

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
    ["a body of its own", { patients: [{ bmi: 1 }] }, [{ high: true }, { high: false }]],
  ])("is ready when its entry script takes %s", async (_, sample, body) => {
    const own = { "/swagger.json?version=3": [{ body: swaggerWith(sample) }], "/score": [{ body }] };
    const { baseUrl, requests } = await serve({ ...READY, ...own });
    await waitUntilReady(target(baseUrl), world());
    expect(requests.at(-1)).toBe(`POST /score ${JSON.stringify(sample)}`);
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
    ["there is no sample", { "/swagger.json?version=3": [{ body: { paths: {} } }] }, "has no example"],
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

describe("the container log", () => {
  const starting: Script = { "/v2/health/ready": [{ status: 503, revision: null }] };
  /** Lines at so many seconds after the write. */
  const lines =
    (...entries: [seconds: number, text: string][]) =>
    (time: number) =>
      entries
        .filter(([seconds]) => seconds * 1000 <= time)
        .map(([seconds, text]) => `${new Date(WRITTEN + seconds * 1000).toISOString()} ${text}\n`)
        .join("");
  const pull = "INFO  - Pulling image: cr.azurecr.io/scoring-app@sha256:1";
  const exited = "ERROR - Container app_0_0123abcd for site app has exited, failing site start";
  const ready = "INFO  - Container app_0_0123abcd for site app initialized successfully and is ready";
  const written = (outside: ReturnType<typeof world>) => ({ ...outside, written: async () => WRITTEN });

  it("is shown while the app is waited for: each line once, none from before the write", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, { status: 503 }, {}] });
    const log = lines([-30, exited], [0, pull], [1, ready]);
    const outside = world(undefined, log);
    await waitUntilReady(target(baseUrl), written(outside));
    const shown = outside.reports.filter((report) => report.startsWith("2026"));
    expect(shown).toEqual([`2026-01-02T03:01:00.000Z ${pull}`, `2026-01-02T03:01:01.000Z ${ready}`]);
  });

  it("ends the waiting at the third failed start, with what helps", async () => {
    const { baseUrl } = await serve(starting);
    const log = lines([0, pull], [1, exited], [2, pull], [3, exited], [5, pull], [6, exited]);
    const outside = world(undefined, log);
    expect(await failure(baseUrl, written(outside), 900)).toBe(
      "not starting: the platform has failed to start it 3 times; mend what the log shows, then run `pulumi up` again",
    );
    expect(outside.now()).toBeLessThan(60_000 + 15_000);
  });

  it("ends the waiting two minutes after a failure that no start has followed", async () => {
    const { baseUrl } = await serve(starting);
    const outside = world(undefined, lines([0, pull], [1, exited]));
    expect(await failure(baseUrl, written(outside), 900)).toContain("has not tried again for two minutes");
    expect(Math.round((outside.now() - 60_000) / 10_000)).toBe(13);
  });

  it("ends the waiting when the platform has stopped trying", async () => {
    const { baseUrl } = await serve(starting);
    const log = lines([0, pull], [1, "Site is blocked due to multiple, consecutive cold start failures."]);
    expect(await failure(baseUrl, written(world(undefined, log)), 900)).toContain(
      "has stopped trying to start it; mend what the log shows, then `az webapp stop` and `az webapp start`",
    );
  });

  it("of a web app that this update leaves as it is counts from the update's beginning", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, {}] });
    const failures = [-300, -200, -100].flatMap((at): [number, string][] => [
      [at, pull],
      [at + 1, exited],
    ]);
    const outside = { ...world(undefined, lines(...failures)), written: async () => WRITTEN - 1_000_000 };
    await waitUntilReady(target(baseUrl), outside);
    expect(outside.reports.filter((report) => report.startsWith("2026"))).toEqual([]);
  });

  it("keeps an answer waiting whose container is being replaced, since both have the same revision", async () => {
    const { baseUrl } = await serve(READY);
    const outside = world(undefined, lines([0, pull], [3, ready]));
    await waitUntilReady(target(baseUrl), written(outside));
    expect(Math.round((outside.now() - 60_000) / 1000)).toBe(3);
  });

  it("that cannot be read fails nothing, and is told at the end", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, {}] });
    const outside = world();
    outside.log = async () => {
      throw new Error("Azure answered 403");
    };
    await waitUntilReady(target(baseUrl), written(outside));
    expect(outside.reports.at(-1)).toBe(
      `Revision ${REVISION} is ready and has scored its sample: 1 s (its container log could not be read: Azure answered 403)`,
    );
  });

  it("is read every few seconds at most", async () => {
    const { baseUrl } = await serve(starting);
    let reads = 0;
    const outside = world(undefined, () => `${reads++}`);
    await failure(baseUrl, outside, 60);
    expect(reads).toBeLessThanOrEqual(13);
  });
});

it("another image that is set while the app is waited for fails at the end", async () => {
  const { baseUrl } = await serve(READY);
  let asked = 0;
  const written = async () => {
    if (++asked === 2) throw new Error("another image");
    return BEGUN;
  };
  await expect(waitUntilReady(target(baseUrl), { ...world(), written })).rejects.toThrow("another image");
});
