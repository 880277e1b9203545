import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, expect } from "vitest";
import { NotReadyError, type Target, waitUntilReady } from "../../../components/release/readiness.ts";

export const REVISION = "0123456789abcdef";
export const SAMPLE = { data: [[1, 2, 3]] };
/** Azure's time when the update began, and when it wrote the web app. */
export const BEGUN = Date.parse("2026-01-02T03:00:00Z");
export const WRITTEN = BEGUN + 60_000;

export interface Answer {
  status?: number;
  revision?: string | null;
  body?: unknown;
}

/** What the server answers to each path, in order; the last answer stays. */
export type Script = Record<string, Answer[]>;

export const READY: Script = {
  "/v2/health/ready": [{}],
  "/swagger.json?version=3": [{ body: swaggerWith(SAMPLE, { anyOf: [] }) }],
  "/score": [{ body: [152.1] }],
};

/** @param schema that of a model has the forms of its rows. */
export function swaggerWith(example: unknown, schema = {}) {
  const content = { "application/json": { schema, example } };
  return { paths: { "/score": { post: { requestBody: { content } } } } };
}

/** Ended after each test. */
export const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

export async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A web app that plays the script, and what it was asked. */
export async function serve(script: Script) {
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
export function world(onSleep: (attempt: number) => void = () => {}, text = (_time: number) => "") {
  const reports: string[] = [];
  const kept: string[] = [];
  // A minute after the update began.
  let time = 60_000;
  let attempts = 0;
  const begun = time;
  return {
    reports,
    /** Those that stay when the update is over. */
    kept,
    fetch,
    now: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds + 0.25;
      attempts += 1;
      onSleep(attempts);
    },
    report: (progress: string, keep = false) => {
      reports.push(progress);
      if (keep) kept.push(progress);
    },
    checkSite: async () => BEGUN,
    log: async () => ({ text: text(time - begun), time: BEGUN + time }),
  };
}

export const target = (baseUrl: string, own: Partial<Target> = {}): Target => ({
  baseUrl,
  revision: REVISION,
  instances: 1,
  timeout: 5,
  ...own,
});

export async function failure(baseUrl: string, outside = world(), timeout = 5): Promise<string> {
  const error = await waitUntilReady(target(baseUrl, { timeout }), outside).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotReadyError);
  return (error as Error).message;
}
