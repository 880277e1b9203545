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
