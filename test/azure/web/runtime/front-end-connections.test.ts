import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { connect as tlsConnect } from "node:tls";
import { describe, expect, it } from "vitest";
import { ask, certificates, closing, served, start } from "./front-end-setup.ts";

describe("connections", () => {
  it("pass a WebSocket through both ways, and end together", async () => {
    const { port, server } = await served(() => expect.unreachable());
    server.on("upgrade", (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Key: ${request.headers["sec-websocket-key"]}\r\n\r\n`,
      );
      socket.on("data", (data: Buffer) =>
        String(data) === "bye" ? socket.end() : socket.write(`echo ${data}`),
      );
    });
    const request = httpsRequest({
      host: "localhost",
      port,
      ca: certificates.ca,
      headers: { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": "key" },
    }).end();
    const [response, socket] = await once(request, "upgrade");
    expect(response.statusCode).toBe(101);
    expect(response.headers["x-key"]).toBe("key");
    socket.write("hello");
    const [data] = await once(socket, "data");
    expect(String(data)).toBe("echo hello");
    const closed = once(socket, "close");
    socket.write("bye");
    await closed;
  });

  it("get the container's own answer when it does not take the WebSocket", async () => {
    const { port } = await served((_request, response) => {
      response.statusCode = 404;
      response.end("no sockets here");
    });
    const headers = { Connection: "Upgrade", Upgrade: "websocket" };
    expect(await ask(port, { headers })).toMatchObject({ status: 404, body: "no sockets here" });
  });

  it("speak HTTP/2 only when it is enabled, and TLS 1.3 only when that is the minimum", async () => {
    const negotiated = async (port: number, options = {}) => {
      const socket = tlsConnect({
        port,
        host: "localhost",
        ca: certificates.ca,
        ALPNProtocols: ["h2", "http/1.1"],
        ...options,
      });
      closing.push(() => socket.destroy());
      await once(socket, "secureConnect");
      return [socket.alpnProtocol, socket.getProtocol()];
    };
    const { port, frontEnd, settings } = await start();
    expect(await negotiated(port)).toEqual(["h2", "TLSv1.3"]);
    expect(await negotiated(port, { maxVersion: "TLSv1.2" })).toEqual(["h2", "TLSv1.2"]);
    await frontEnd.configure({ ...settings, http20Enabled: false, minTlsVersion: "1.3" });
    expect(await negotiated(port)).toEqual(["http/1.1", "TLSv1.3"]);
    await expect(negotiated(port, { maxVersion: "TLSv1.2" })).rejects.toThrow();
  });

  it("with two lengths for one body are refused before the container sees them", async () => {
    const { port } = await served(() => expect.unreachable(), { httpsOnly: false });
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  });

  it("that a client ends, end the request in the container", async () => {
    const aborted = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { port } = await served((_request, response) => {
      response.once("close", () => aborted.resolve());
      arrived.resolve();
    });
    const request = httpsRequest({ host: "localhost", port, ca: certificates.ca, agent: false }).end();
    request.on("error", () => undefined);
    await arrived.promise;
    request.destroy();
    await aborted.promise;
  });
});
