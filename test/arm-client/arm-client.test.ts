import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AcceptedThenFailed, ArmClient } from "../../local/arm-client/arm-client.ts";
import { localCertificates } from "../../local/net/certificates.ts";

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

let directory: string;
let origin: string;
let client: ArmClient;
/** Answers to come, in order; what was asked, in order. */
let replies: Reply[];
let requests: string[];
const tokens: boolean[] = [];
const server = { close: async () => {} };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arm-client-test-"));
  const certificates = await localCertificates(directory);
  const https = createServer({ key: certificates.key, cert: certificates.cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      requests.push(
        `${request.method} ${request.url} ${request.headers.authorization} ${Buffer.concat(chunks)}`.trim(),
      );
      const { status, headers, body } = replies.shift() ?? { status: 500, body: "no reply left" };
      response.writeHead(status, headers);
      response.end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => https.listen(0, "127.0.0.1", resolve));
  server.close = () => new Promise((resolve) => https.close(() => resolve()));
  origin = `https://localhost:${(https.address() as AddressInfo).port}`;
  client = new ArmClient({
    resourceManager: origin,
    ca: await readFile(certificates.caFile, "utf8"),
    userAgent: "test",
    async token(fresh) {
      tokens.push(fresh);
      return fresh ? "fresh" : "kept";
    },
  });
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  replies = [];
  requests = [];
});

const call = { path: "/x", apiVersion: "2024-01-01" };
const retryAfter = { "Retry-After": "0" };

test("throttling and unavailability are repeated, a refused token once with a fresh one", async () => {
  replies = [
    { status: 429, headers: retryAfter },
    { status: 503, headers: retryAfter },
    { status: 401 },
    { status: 200, body: { ok: true } },
  ];
  expect(await client.get(call)).toEqual({ ok: true });
  expect(requests).toHaveLength(4);
  expect(requests[0]).toBe("GET /x?api-version=2024-01-01 Bearer kept");
  expect(requests[3]).toContain("Bearer fresh");
});

test.each<[Reply, string]>([
  [
    { status: 409, body: { error: { code: "ScopeLocked", message: "It is locked." } } },
    'Status=409 Code="ScopeLocked" Message="It is locked."',
  ],
  [
    {
      status: 409,
      body: { Code: "Conflict", Message: "Website with given name x already exists.", Details: [] },
    },
    'Status=409 Message="{"Code":"Conflict","Message":"Website with given name x already exists.","Details":[]}"',
  ],
  [{ status: 502, body: "bad gateway" }, 'Status=502 Message="bad gateway"'],
])("an error answer tells its code and message: %j", async (reply, message) => {
  replies = [reply];
  await expect(client.put({ ...call, body: {} })).rejects.toThrow(message);
});

test("an answer that is no JSON is shown", async () => {
  replies = [{ status: 200, body: "<html>" }];
  await expect(client.get(call)).rejects.toThrow(
    "unexpected response from Azure: '<html>', HTTP status: 200",
  );
});

test("PUT follows Azure-AsyncOperation to its end", async () => {
  const headers = { "Azure-AsyncOperation": `${origin}/operation?api-version=1`, ...retryAfter };
  replies = [
    { status: 201, headers, body: { properties: { provisioningState: "Creating" } } },
    { status: 200, headers: retryAfter, body: { status: "InProgress" } },
    { status: 200, body: { status: "Succeeded" } },
  ];
  await client.put({ ...call, body: { a: 1 } });
  expect(requests.map((request) => request.split(" ").slice(0, 2).join(" "))).toEqual([
    "PUT /x?api-version=2024-01-01",
    "GET /operation?api-version=1",
    "GET /operation?api-version=1",
  ]);
  expect(requests[0]).toContain('{"a":1}');
});

test("PUT that is accepted and then fails says so", async () => {
  const headers = { "Azure-AsyncOperation": `${origin}/operation`, ...retryAfter };
  replies = [
    { status: 201, headers, body: {} },
    { status: 200, body: { status: "Failed", error: { code: "Broken", message: "It broke." } } },
  ];
  const failure = client.put({ ...call, body: {} });
  await expect(failure).rejects.toBeInstanceOf(AcceptedThenFailed);
  await expect(failure).rejects.toThrow('Code="Broken" Message="It broke."');
});

test("PUT without a place to ask waits for the resource's own state", async () => {
  replies = [
    { status: 201, body: { properties: { provisioningState: "Creating" } } },
    { status: 200, body: { properties: { provisioningState: "Succeeded" } } },
  ];
  await client.put({ ...call, body: {} });
  expect(requests[1]).toMatch(/^GET \/x/);
});

test("DELETE follows Location; what is not there, before or after, counts as deleted", async () => {
  const headers = { Location: "/results?api-version=1", ...retryAfter };
  replies = [{ status: 202, headers }, { status: 202, headers }, { status: 200 }];
  await client.delete({ ...call, query: { deleteEmptyServerFarm: "false" } });
  expect(requests[0]).toContain("deleteEmptyServerFarm=false");
  expect(requests).toHaveLength(3);
  replies = [{ status: 404 }];
  await client.delete(call);
  replies = [
    { status: 202, headers },
    { status: 404, body: { error: { code: "ResourceNotFound" } } },
  ];
  await client.delete(call);
});

test("DELETE that is blocked at its end fails with the reason", async () => {
  const body = { error: { code: "ResourceGroupDeletionBlocked", message: "Something is locked." } };
  replies = [
    { status: 202, headers: { Location: "/results", ...retryAfter } },
    { status: 409, body },
  ];
  await expect(client.delete(call)).rejects.toThrow('Code="ResourceGroupDeletionBlocked"');
});

test("a time limit ends the waiting", async () => {
  const headers = { Location: "/results", "Retry-After": "60" };
  replies = [{ status: 202, headers }];
  await expect(client.delete({ ...call, signal: AbortSignal.timeout(50) })).rejects.toThrow(/abort|timeout/i);
});
