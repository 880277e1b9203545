import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signJwt } from "../../../local/azure/core/jwt.ts";
import { localTokens } from "../../../local/azure/core/tokens.ts";
import { type LocalAzure, startLocalAzure, tenantId } from "../local-azure.ts";

let local: LocalAzure;
beforeAll(async () => {
  local = await startLocalAzure();
});
afterAll(() => local.dispose());

const ask = (query: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${local.azure.access.identityEndpoint}?${query}`, { headers, method });
const wellFormed = "resource=https://management.azure.com/&api-version=2019-08-01";

describe("the managed identity endpoint", () => {
  it("answers a token with the claims of a managed identity", async () => {
    const response = await ask(wellFormed, { "X-IDENTITY-HEADER": local.azure.access.identityHeader });
    const body = (await response.json()) as Record<string, string>;
    expect(body).toMatchObject({ resource: "https://management.azure.com/", token_type: "Bearer" });
    const claims = JSON.parse(Buffer.from(body.access_token!.split(".")[1]!, "base64url").toString());
    expect(claims).toMatchObject({
      aud: "https://management.azure.com/",
      iss: `https://sts.windows.net/${tenantId}/`,
      tid: tenantId,
      appid: body.client_id,
      oid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(String(claims.exp)).toBe(body.expires_on);
  });

  it.each([
    ["no header", wellFormed, {}, 401],
    ["a wrong header", wellFormed, { "X-IDENTITY-HEADER": "guess" }, 401],
  ])("refuses %s", async (_, query, headers, status) => {
    expect((await ask(query, headers)).status).toBe(status);
  });

  it.each([
    ["no resource", "api-version=2019-08-01"],
    ["no version", "resource=https://management.azure.com/"],
    ["another version", "resource=https://management.azure.com/&api-version=2020-01-01"],
    ["a user-assigned identity", `${wellFormed}&client_id=x`],
  ])("refuses %s", async (_, query) => {
    expect((await ask(query, { "X-IDENTITY-HEADER": local.azure.access.identityHeader })).status).toBe(400);
  });
});

it("a target that is no URL is refused, and ends nothing", async () => {
  const socket = connect(Number(new URL(local.azure.access.identityEndpoint).port), "127.0.0.1");
  socket.write("GET // HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 .*The request URL '\/\/' is not valid/s);
});

describe("tokens", () => {
  const key = Buffer.alloc(32, 1);
  const identity = { tenantId, subscriptionId: "s", objectId: "o", clientId: "c" };
  const tokens = localTokens(key, identity, "https://localhost:1");

  it("expire", () => {
    const { token, expiresOn } = tokens.issue("https://management.azure.com");
    vi.useFakeTimers({ now: expiresOn * 1000 });
    try {
      expect(() => tokens.verify(token)).toThrow(
        /^The access token expiry UTC time '.+' is earlier than current/,
      );
    } finally {
      vi.useRealTimers();
    }
  });

  it("of another issuer with the same key are refused", () => {
    const token = signJwt({ iss: "Azure Container Registry", aud: "https://localhost:1", exp: 1e10 }, key);
    expect(() => tokens.verify(token)).toThrow("The access token is invalid.");
  });

  it("for another audience are accepted only where that is said", () => {
    const { token } = tokens.issue("https://containerregistry.azure.net");
    expect(() => tokens.verify(token)).toThrow("wrong audience");
    expect(() => tokens.verify(token, ["https://containerregistry.azure.net"])).not.toThrow();
  });
});
