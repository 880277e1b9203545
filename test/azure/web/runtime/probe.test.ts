import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Pinger } from "../../../../local/azure/web/runtime/pinger.ts";
import { warmUp } from "../../../../local/azure/web/runtime/probe.ts";
import { defaultTimes } from "../../../../local/azure/web/runtime/times.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function app(status: (request: IncomingMessage) => number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    response.statusCode = status(request);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

const never = new Promise<void>(() => {});
const start = (hostPorts: number[], changes: Partial<Parameters<typeof warmUp>[0]> = {}) =>
  warmUp({
    hostPorts,
    path: "/robots933456.txt",
    statuses: [],
    exited: never,
    limit: 60_000,
    interval: 1,
    waitingLine: 60_000,
    waiting: () => undefined,
    signal: new AbortController().signal,
    ...changes,
  });

describe("the warm-up", () => {
  it("is a bare GET of /robots933456.txt, and any answer means ready", async () => {
    let seen: IncomingMessage | undefined;
    const { port } = await app((request) => {
      seen = request;
      return 502;
    });
    expect(await start([port])).toEqual({ result: "ready", port });
    expect(seen).toMatchObject({ method: "GET", url: "/robots933456.txt" });
    expect(seen!.headers).toEqual({
      host: `127.0.0.1:${port}`,
      "user-agent": "HealthCheck/1.0",
      connection: "close",
    });
  });

  it("goes on until one of the wanted statuses comes", async () => {
    const answers = [503, 404, 202];
    const { port } = await app(() => answers.shift()!);
    expect(await start([port], { statuses: [200, 202] })).toEqual({ result: "ready", port });
    expect(answers).toEqual([]);
  });

  it("tries each port, and passes over one that does not speak HTTP", async () => {
    const silent = createTcpServer((socket) => socket.end("220 not HTTP\r\n"));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    closing.push(() => silent.close());
    const { port } = await app(() => 200);
    expect(await start([(silent.address() as AddressInfo).port, port])).toEqual({ result: "ready", port });
  });

  it("ends at once when the container exits, and at the limit when nothing answers", async () => {
    const hanging = createTcpServer();
    hanging.listen(0, "127.0.0.1");
    await once(hanging, "listening");
    closing.push(() => hanging.close());
    const { port } = hanging.address() as AddressInfo;
    const exit = Promise.withResolvers<void>();
    const asked = once(hanging, "connection");
    const ended = start([port], { exited: exit.promise });
    await asked;
    exit.resolve();
    expect(await ended).toEqual({ result: "exited" });
    let waited = 0;
    const late = await start([port], { limit: 50, waitingLine: 10, waiting: () => waited++ });
    expect(late).toEqual({ result: "timeout" });
    expect(waited).toBeGreaterThan(0);
  });

  it("ends at once when the container had exited before its ports were known", async () => {
    expect(await start([], { exited: Promise.resolve() })).toEqual({ result: "exited" });
  });

  it("is given up for a newer start", async () => {
    const newer = new AbortController();
    const ended = start([1], { signal: newer.signal });
    newer.abort(new Error("superseded"));
    await expect(ended).rejects.toThrow("superseded");
  });
});

describe("an unhealthy container", () => {
  const times = { ...defaultTimes, healthPing: 5, unhealthyLimit: 20 };
  const spec = { port: 40001, healthCheckPath: "/health", alwaysOn: false };

  it("is reported once, when it failed for the whole limit; a redirect is a failure", async () => {
    let seen: IncomingMessage | undefined;
    const { port } = await app((request) => {
      seen = request;
      return 302;
    });
    const reported = Promise.withResolvers<void>();
    const patient = { ...times, healthPing: 100, unhealthyLimit: 200 };
    const pinger = new Pinger(port, spec, patient, reported.resolve);
    await reported.promise;
    pinger.stop();
    expect(seen!.url).toBe("/health");
    expect(seen!.headers).toMatchObject({ host: "localhost:40001", "user-agent": "HealthCheck/1.0" });
  });

  it("is healthy again with one good answer", async () => {
    let asked = 0;
    const enough = Promise.withResolvers<void>();
    // One failure in two is never the limit, however long it goes on.
    const { port } = await app(() => {
      if (++asked === 10) enough.resolve();
      return asked % 2 ? 500 : 200;
    });
    const patient = { ...times, unhealthyLimit: 60_000 };
    const pinger = new Pinger(port, spec, patient, () => expect.unreachable());
    await enough.promise;
    pinger.stop();
  });

  it("is asked at a path that has to be encoded, too", async () => {
    const seen = Promise.withResolvers<string | undefined>();
    const { port } = await app((request) => {
      seen.resolve(request.url);
      return 200;
    });
    const odd = { ...spec, healthCheckPath: "/a check?of=€&as=%20" };
    const pinger = new Pinger(port, odd, times, () => undefined);
    expect(await seen.promise).toBe("/a%20check?of=%E2%82%AC&as=%20");
    pinger.stop();
  });

  it("is kept awake by Always On", async () => {
    const woken = Promise.withResolvers<IncomingMessage>();
    const { port } = await app((request) => {
      woken.resolve(request);
      return 404;
    });
    const often = { ...times, alwaysOnPing: 5 };
    const pinger = new Pinger(port, { ...spec, healthCheckPath: "", alwaysOn: true }, often, () => undefined);
    const request = await woken.promise;
    pinger.stop();
    expect(request.url).toBe("/");
    expect(request.headers["user-agent"]).toBe("AlwaysOn");
  });
});
