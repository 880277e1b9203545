import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect as http2Connect } from "node:http2";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Upstream } from "../../../../local/azure/web/runtime/forward.ts";
import {
  ask,
  certificates,
  closing,
  container,
  echoHeaders,
  failures,
  received,
  served,
  start,
} from "./front-end-setup.ts";

describe("what the container gets", () => {
  it("is App Service's headers beside the client's own", async () => {
    const { port } = await served(echoHeaders);
    const { body } = await ask(port, {
      path: "/score?a=1",
      headers: { "X-Forwarded-For": "10.0.0.9", "X-Own": "kept" },
    });
    const headers = received(body);
    const peer = headers["client-ip"]![0]!;
    expect(peer).toMatch(/^(127\.0\.0\.1|::1):\d+$/);
    expect(headers).toMatchObject({
      host: [`localhost:${port}`],
      "x-own": ["kept"],
      "max-forwards": ["10"],
      "x-arr-log-id": [expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)],
      "x-forwarded-for": [`10.0.0.9, ${peer}`],
      "x-forwarded-proto": ["https"],
      "x-appservice-proto": ["https"],
      "x-forwarded-tlsversion": ["1.3"],
      "x-arr-ssl": [expect.stringMatching(/^256\|256\|CN=.+\|CN=.+/)],
      "disguised-host": [`localhost:${port}`],
      "was-default-hostname": [`localhost:${port}`],
      "x-site-deployment-id": ["app-test"],
      "x-original-url": ["/score?a=1"],
      "x-waws-unencoded-url": ["/score?a=1"],
    });
  });

  it("has no header that only the platform may set, and none that ends at the front end", async () => {
    const { port } = await served(echoHeaders, { httpsOnly: false });
    const forged = {
      "X-ARR-SSL": "forged",
      "X-Forwarded-TlsVersion": "forged",
      "X-Forwarded-Proto": "https",
      "CLIENT-IP": "forged",
      Connection: "close, X-Private",
      "X-Private": "forged",
      TE: "trailers",
    };
    const { body } = await ask(port, { plain: true, headers: forged });
    const headers = received(body);
    expect(body).not.toContain("forged");
    expect(headers["x-forwarded-proto"]).toEqual(["http"]);
    expect(headers).not.toHaveProperty("te");
    expect(headers).not.toHaveProperty("x-arr-ssl");
  });

  it("is HTTP/1.1 when the client speaks HTTP/2, with the cookies in one header", async () => {
    const { port } = await served(echoHeaders);
    const session = http2Connect(`https://localhost:${port}`, { ca: certificates.ca });
    const stream = session.request({ ":path": "/h2", cookie: ["a=1", "b=2"] });
    const body = await text(stream);
    session.close();
    const headers = received(body);
    expect(headers.cookie).toEqual(["a=1; b=2"]);
    expect(headers.host).toEqual([`localhost:${port}`]);
    expect(headers["x-original-url"]).toEqual(["/h2"]);
    expect(headers["x-forwarded-tlsversion"]).toEqual(["1.3"]);
  });

  it("is the body as sent, with its length or in chunks, and over HTTP/2", async () => {
    const { port } = await served((request, response) => {
      const { "content-length": length, "transfer-encoding": encoding } = request.headers;
      void text(request).then((body) => response.end(`${length} ${encoding} ${body.length}`));
    });
    expect((await ask(port, { method: "POST", body: "x".repeat(1000) })).body).toBe("1000 undefined 1000");
    const chunks = Readable.from(["x".repeat(70_000), "y".repeat(70_000)]);
    expect((await ask(port, { method: "POST", body: chunks })).body).toBe("undefined chunked 140000");
    const session = http2Connect(`https://localhost:${port}`, { ca: certificates.ca });
    const stream = session.request({ ":method": "POST" });
    stream.end("four");
    expect(await text(stream)).toBe("undefined chunked 4");
    session.close();
  });
});

describe("what the client gets", () => {
  it("is the container's answer, every Set-Cookie of it, without what belongs to one connection", async () => {
    const { port } = await served((_request, response) => {
      response.writeHead(
        418,
        "Teapot",
        [
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
          ["Keep-Alive", "timeout=1"],
          ["Date", "Thu, 01 Jan 1970 00:00:00 GMT"],
        ].flat(),
      );
      response.end("short");
    });
    const answer = await ask(port);
    expect(answer).toMatchObject({ status: 418, reason: "Teapot", body: "short" });
    expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(answer.headers.date).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
    expect(answer.headers["keep-alive"]).not.toBe("timeout=1");
    const session = http2Connect(`https://localhost:${port}`, { ca: certificates.ca });
    const stream = session.request({});
    const [headers] = await once(stream, "response");
    expect(headers).toMatchObject({ ":status": 418, "set-cookie": ["a=1", "b=2"] });
    session.destroy();
  });

  it("is streamed as it comes", async () => {
    let finish = () => {};
    const { port } = await served((_request, response) => {
      response.write("first ");
      finish = () => response.end("last");
    });
    const request = httpsRequest({ host: "localhost", port, ca: certificates.ca, agent: false }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const [first] = await once(response, "data");
    expect(String(first)).toBe("first ");
    finish();
    expect(await text(response)).toBe("last");
  });

  it("is a cut connection, not a complete answer, when the container breaks off", async () => {
    const { port } = await served((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    await expect(ask(port)).rejects.toThrow("aborted");
  });

  it("has the affinity cookies only when affinity is on", async () => {
    const { port, frontEnd, settings } = await served((_request, response) => response.end());
    expect((await ask(port)).headers["set-cookie"]).toBeUndefined();
    await frontEnd.configure({ ...settings, clientAffinityEnabled: true });
    expect((await ask(port)).headers["set-cookie"]).toEqual([
      expect.stringMatching(/^ARRAffinity=[0-9a-f]{64};Path=\/;HttpOnly;Secure;Domain=localhost$/),
      expect.stringMatching(
        /^ARRAffinitySameSite=[0-9a-f]{64};Path=\/;HttpOnly;SameSite=None;Secure;Domain=localhost$/,
      ),
    ]);
  });

  it("is a redirect to the same URL with https on plain HTTP, when only HTTPS is allowed", async () => {
    const { port } = await served(() => expect.unreachable());
    const answer = await ask(port, { plain: true, path: "/score?x=1", method: "POST", body: "{}" });
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe(`https://localhost:${port}/score?x=1`);
  });

  it("is 403 Site Disabled when the site is stopped", async () => {
    const { port, frontEnd } = await start();
    frontEnd.target = { state: "stopped" };
    const answer = await ask(port);
    expect(answer).toMatchObject({ status: 403, reason: "Site Disabled" });
    expect(answer.body).toContain("<title>Web App - Unavailable</title>");
    expect(answer.body).toContain("Error 403 - This web app is stopped.");
  });

  it("waits for a start under way, and is 503 when that failed or takes too long", async () => {
    const { port, frontEnd } = await start();
    const { upstream } = await container((_request, response) => response.end("ready"));
    const start1 = Promise.withResolvers<void>();
    frontEnd.target = { state: "starting", settled: start1.promise };
    const held = ask(port);
    frontEnd.target = { state: "serving", upstream };
    start1.resolve();
    expect((await held).body).toBe("ready");

    frontEnd.target = { state: "unavailable" };
    expect(await ask(port)).toMatchObject({
      status: 503,
      body: expect.stringContaining(":( Application Error"),
    });

    const impatient = await start({}, 1);
    impatient.frontEnd.target = { state: "starting", settled: new Promise(() => {}) };
    expect((await ask(impatient.port)).status).toBe(503);
  });

  it("is 400 for what only a proxy is asked", async () => {
    const { port } = await served(() => expect.unreachable());
    expect((await ask(port, { method: "OPTIONS", path: "*" })).status).toBe(400);
    expect((await ask(port, { path: "http://elsewhere.example/" })).status).toBe(400);
  });

  it("is 504 when the container is silent for the idle time", async () => {
    const { port } = await served(() => {}, { idle: 50 });
    expect((await ask(port)).status).toBe(504);
  });

  it("is never an end of local Azure, whatever the container writes as status and reason", async () => {
    const answering = async (head: string) => {
      const server = createTcpServer((socket) =>
        socket.once("data", () => socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\n\r\n`)),
      );
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const upstream = new Upstream((server.address() as AddressInfo).port, 1000, async () => false);
      closing.push(
        () => server.close(),
        () => upstream.destroy(),
      );
      const { frontEnd, port } = await start();
      frontEnd.target = { state: "serving", upstream };
      return port;
    };
    expect((await ask(await answering("404 No\x01pe"))).status).toBe(404);
    // HTTP/2 has no such status.
    const client = http2Connect(`https://localhost:${await answering("999 Odd")}`, { ca: certificates.ca });
    closing.push(() => client.destroy());
    const [headers] = await once(client.request({ ":path": "/" }), "response");
    expect(headers[":status"]).toBe(502);
  });

  it("is 502 when the container answers something else than HTTP, and 503 when it has ended", async () => {
    const { port, server } = await served((request) => request.socket.destroy());
    expect((await ask(port, { method: "POST", body: "x" })).status).toBe(502);
    server.close();
    const nonsense = createTcpServer((socket) => socket.end("SSH-2.0-x\r\n"));
    nonsense.listen(0, "127.0.0.1");
    await once(nonsense, "listening");
    closing.push(() => nonsense.close());
    const target = new Upstream((nonsense.address() as AddressInfo).port, 1000, async () => false);
    closing.push(() => target.destroy());
    const other = await start();
    other.frontEnd.target = { state: "serving", upstream: target };
    expect((await ask(other.port)).status).toBe(502);

    const ended = await served((request) => request.socket.destroy(), { exited: true });
    expect((await ask(ended.port, { method: "POST", body: "x" })).status).toBe(503);
  });
});

it("an error that nobody foresaw is told, and ends its own connection only", async () => {
  const { frontEnd, port } = await served(echoHeaders);
  const { target } = frontEnd;
  const broken = () => {
    throw new Error("unforeseen");
  };
  frontEnd.target = {
    state: "serving",
    upstream: { forward: broken, upgrade: broken } as unknown as Upstream,
  };
  await expect(ask(port)).rejects.toThrow("socket hang up");
  const handshake = { Connection: "Upgrade", Upgrade: "websocket" };
  await expect(ask(port, { headers: handshake })).rejects.toThrow("socket hang up");
  expect(failures.map(({ message }) => message)).toEqual(["unforeseen", "unforeseen"]);
  frontEnd.target = target;
  expect((await ask(port)).status).toBe(200);
});
