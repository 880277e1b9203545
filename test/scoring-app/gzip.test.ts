import { Gunzip, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { inflated } from "../../scoring-app/src/http/body.ts";
import { startApp, type TestApp } from "./app.ts";

const LIMIT = 100_000;
const body = JSON.stringify({ data: new Array(1000).fill([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) });
const BOMB = gzipSync(Buffer.alloc(50_000_000, " "));

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ MAX_BODY_BYTES: String(LIMIT), MAX_QUEUE_BYTES: String(2 * LIMIT) });
});
afterAll(() => app.stop());

const post = (
  bytes: Buffer | ReadableStream,
  path = "/score",
  type = "application/json",
  encoding = "gzip",
) =>
  app.get(path, {
    method: "POST",
    headers: { "content-type": type, "content-encoding": encoding },
    body: bytes,
    duplex: "half",
  } as RequestInit);
const inPieces = (bytes: Buffer) => new Blob([new Uint8Array(bytes)]).stream();

describe("a gzip body", () => {
  it.each(["gzip", "x-gzip", "GZIP"])("is inflated: %s", async (encoding) => {
    const plain = await (await app.post(JSON.parse(body))).json();
    const answer = await post(gzipSync(body), "/score", "application/json", encoding);
    expect(await answer.json()).toEqual(plain);
  });

  it("in pieces, of several members, in CSV, and under /v2", async () => {
    const halves = [gzipSync(body.slice(0, 999)), gzipSync(body.slice(999))];
    expect((await post(inPieces(Buffer.concat(halves)))).status).toBe(200);
    const csv = gzipSync("age,sex,bmi,bp,s1,s2,s3,s4,s5,s6\n1,2,3,4,5,6,7,8,9,10\n");
    expect(await (await post(csv, "/score", "text/csv")).json()).toHaveLength(1);
    const tensor = { name: "features", shape: [1, 10], datatype: "FP32", data: new Array(10).fill(0) };
    const infer = gzipSync(JSON.stringify({ inputs: [tensor] }));
    expect((await post(infer, "/v2/models/diabetes/infer")).status).toBe(200);
    expect(await (await post(gzipSync('{"ready": true}'), "/v2/repository/index")).json()).toHaveLength(1);
    expect((await post(BOMB, "/v2/repository/index")).status).toBe(413);
  });

  it.each([
    [
      "that is larger than MAX_BODY_BYTES when inflated",
      BOMB,
      413,
      /larger than 100000 bytes \(MAX_BODY_BYTES\)/,
    ],
    [
      "that is not gzip",
      Buffer.from(body.slice(0, 100)),
      400,
      /the body is not gzip: incorrect header check/,
    ],
    ["that is cut", gzipSync(body).subarray(0, 40), 400, /the body is not gzip: unexpected end of file/],
    ["with other bytes behind it", Buffer.concat([gzipSync(body), Buffer.from("xyz")]), 400, /not gzip/],
    ["of nothing", Buffer.alloc(0), 400, /the body is empty/],
    ["that holds nothing", gzipSync(""), 400, /the body is empty/],
  ])("%s is refused, and the next request is served", async (_, bytes, status, message) => {
    for (const sent of [bytes, inPieces(bytes)]) {
      const response = await post(sent);
      expect(response.status).toBe(status);
      expect(((await response.json()) as { message: string }).message).toMatch(message);
    }
    expect((await post(gzipSync(body))).status).toBe(200);
    expect(app.assembled.service.admission.bytes).toBe(0);
  });

  it("of 50 MB: no more than the limit is made of it", async () => {
    expect(gunzipSync(BOMB)).toHaveLength(50_000_000);
    const destroyed = vi.spyOn(Gunzip.prototype, "destroy");
    let bytes = 0;
    const whole = inflated(BOMB, LIMIT, (more) => (bytes += more));
    await expect(whole).rejects.toMatchObject({ status: 413 });
    // Nor is the rest inflated for nobody.
    expect(destroyed).toHaveBeenCalledOnce();
    destroyed.mockRestore();
    const made = bytes;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThanOrEqual(LIMIT);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bytes).toBe(made);
  });

  it("counts with its inflated bytes in the queue: 503 beyond MAX_QUEUE_BYTES", async () => {
    const { admission } = app.assembled.service;
    const hold = vi.spyOn(admission, "hold");
    const large = Buffer.from(`${body}${" ".repeat(90_000 - body.length)}`);
    expect((await post(gzipSync(large))).status).toBe(200);
    const held = hold.mock.calls.reduce((sum, [bytes]) => sum + bytes, 0);
    expect(held).toBe(large.length + gzipSync(large).length);
    hold.mockRestore();
    admission.hold(2 * LIMIT - 80_000);
    expect((await post(gzipSync(large))).status).toBe(503);
    admission.release(2 * LIMIT - 80_000);
    expect(admission.bytes).toBe(0);
  });

  it("for which there would never be room, empty as the queue is, is 413", async () => {
    const small = await startApp({ MAX_QUEUE_BYTES: "1000" });
    onTestFinished(() => small.stop());
    const ask = (bytes: Buffer, encoding: string) =>
      small.get("/score", {
        method: "POST",
        headers: { "content-type": "application/json", "content-encoding": encoding },
        body: new Uint8Array(bytes),
      });
    for (const response of [await ask(gzipSync(body), "gzip"), await ask(Buffer.from(body), "identity")]) {
      expect(response.status).toBe(413);
      expect(await response.json()).toEqual({
        message: "the body is larger than 1000 bytes (MAX_QUEUE_BYTES)",
      });
    }
    expect(small.assembled.service.admission.bytes).toBe(0);
  });
});
