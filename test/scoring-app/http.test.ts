import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type TestApp } from "./app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe("what HTTP allows", () => {
  const send = (lines: string[], body = "", length = body.length) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(app.port, "127.0.0.1", () => {
        socket.end(
          [...lines, "Host: x", "Connection: close", `Content-Length: ${length}`, "", body].join("\r\n"),
        );
      });
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("end", () => resolve(answer)).on("error", reject);
    });

  it("a whole URL as the target, as a proxy sends it", async () => {
    expect(await send(["GET http://x/v2/health/live?a=1 HTTP/1.1"])).toMatch(/^HTTP\/1.1 200 /);
    expect(await send(["GET http://x HTTP/1.1"])).toMatch(/Healthy$/);
  });

  it("100 Continue is sent, but not for a body that is too large", async () => {
    const request = ["POST /score HTTP/1.1", "Expect: 100-continue"];
    expect(await send(request, '{"data": []}')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
    expect(await send(request, "", 99_999_999)).toMatch(/^HTTP\/1.1 413 /);
  });

  it("an expectation that nobody knows is ignored", async () => {
    expect(await send(["POST /score HTTP/1.1", "Expect: miracles"], '{"data": []}')).toMatch(
      /^HTTP\/1.1 200 .*\[\]$/s,
    );
  });
});

describe("connections", () => {
  /** The first answer to these bytes. */
  const answerTo = async (bytes: string) => {
    const socket = connect(app.port, "127.0.0.1");
    socket.write(bytes);
    const answer = String((await once(socket, "data"))[0]);
    socket.destroy();
    return answer;
  };

  it.each([
    ["GET / HTTP/1.1\r\n", 200],
    ["GET /nope HTTP/1.1\r\n", 404],
    ["DELETE /score HTTP/1.1\r\n", 405],
    ["GET /score?data=1 HTTP/1.1\r\n", 400],
    [`GET / HTTP/1.1\r\nx-request-id: ${"x".repeat(101)}\r\n`, 431],
    ["POST /nope HTTP/1.1\r\ncontent-length: 1000\r\n", 404],
  ])("%j: %i, and the connection is kept for longer than a client's default", async (head, status) => {
    const answer = await answerTo(`${head}host: x\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\nconnection: keep-alive\r\n/i);
    expect(answer).toMatch(/\r\nkeep-alive: timeout=245\r\n/);
  });

  it.each([
    ["a larger refused body", "POST /nope HTTP/1.1\r\ncontent-length: 9999999\r\n"],
    ["a refused body of unknown length", "POST /nope HTTP/1.1\r\ntransfer-encoding: chunked\r\n"],
    ["a client that wants so", "GET / HTTP/1.1\r\nconnection: close\r\n"],
    ["HTTP/1.0", "GET / HTTP/1.0\r\n"],
  ])("%s: the connection ends", async (_, head) => {
    const answer = await answerTo(`${head}host: x\r\n\r\n`);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).not.toMatch(/keep-alive/i);
  });

  it("a client that goes away between a request's head and its body leaves nothing under way", async () => {
    const { admission } = app.assembled.service;
    const socket = connect(app.port, "127.0.0.1");
    socket.write('POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"data"');
    await expect.poll(() => admission.bytes).toBe(7);
    socket.destroy();
    await expect.poll(() => admission.bytes).toBe(0);
    expect(admission.pending).toBe(0);
  });

  it("nor does one that goes away in the turn in which its whole request is read", async () => {
    const { admission } = app.assembled.service;
    for (let i = 0; i < 50; i++) {
      const socket = connect(app.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write('POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{"data": []}');
      socket.resetAndDestroy();
    }
    expect((await app.get("/")).status).toBe(200);
    expect([admission.bytes, admission.pending]).toEqual([0, 0]);
  });

  it("a body above Node's high-water mark arrives whole", async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => new Array(10).fill(row / 7));
    const response = await app.post({ data: rows });
    expect(((await response.json()) as unknown[]).length).toBe(3000);
  });
});
