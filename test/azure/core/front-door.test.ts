import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apiVersion,
  type LocalAzure,
  send,
  startLocalAzure,
  subscription,
  tenantId,
} from "../local-azure.ts";

let local: LocalAzure;
beforeAll(async () => {
  local = await startLocalAzure();
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
});
afterAll(() => local.dispose());

const raw = (path: string, headers: Record<string, string> = {}) =>
  send(`${local.azure.access.resourceManager}${path}`, { headers, ca: local.ca });
const registries = `${subscription}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries`;

describe("tokens", () => {
  it("refuses a request without one and says where tokens are had", async () => {
    const answer = await raw(`${subscription}?api-version=${apiVersion}`);
    expect(answer.status).toBe(401);
    expect(answer.json.error).toEqual({
      code: "AuthenticationFailed",
      message: "Authentication failed. The 'Authorization' header is missing.",
    });
    expect(answer.headers["www-authenticate"]).toContain(
      `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token"`,
    );
  });

  it.each(["Bearer nonsense", "Bearer a.b.c", "Basic dTpw"])("refuses %s", async (authorization) => {
    const answer = await raw(`${subscription}?api-version=${apiVersion}`, { authorization });
    expect([answer.status, answer.json.error.code]).toEqual([401, "InvalidAuthenticationToken"]);
  });

  it("refuses one for an audience that no header can carry", async () => {
    const authorization = `Bearer ${await local.token('https://例"\\')}`;
    const answer = await raw(`${subscription}?api-version=${apiVersion}`, { authorization });
    expect([answer.status, answer.json.error.code]).toEqual([401, "InvalidAuthenticationTokenAudience"]);
    expect(answer.headers["www-authenticate"]).toContain("resource 'https://???'");
  });

  it("refuses one that was changed", async () => {
    const [head, payload, signature] = (await local.token()).split(".");
    const claims = JSON.parse(Buffer.from(payload!, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, oid: "another" })).toString("base64url");
    const answer = await raw(`${subscription}?api-version=${apiVersion}`, {
      authorization: `Bearer ${head}.${forged}.${signature}`,
    });
    expect([answer.status, answer.json.error.code]).toEqual([401, "InvalidAuthenticationToken"]);
  });

  it("refuses one for another audience", async () => {
    const token = await local.token("https://vault.azure.net");
    const answer = await raw(`${subscription}?api-version=${apiVersion}`, {
      authorization: `Bearer ${token}`,
    });
    expect([answer.status, answer.json.error.code]).toEqual([401, "InvalidAuthenticationTokenAudience"]);
  });

  it("accepts one for its own address", async () => {
    const token = await local.token(local.azure.access.resourceManager);
    const answer = await raw(`${subscription}?api-version=${apiVersion}`, {
      authorization: `Bearer ${token}`,
    });
    expect(answer.status).toBe(200);
  });
});

describe("api-version", () => {
  it("may be spelled in any case, as every name of a query", async () => {
    await local.arm("PUT", `${subscription}/resourceGroups/a-group`, { location: "westus" });
    await local.arm("PUT", `${subscription}/resourceGroups/b-group`, { location: "westus" });
    const answer = await local.arm("GET", `${subscription}/resourceGroups?API-Version=${apiVersion}&$Top=1`);
    expect([answer.status, answer.json.value.length]).toEqual([200, 1]);
    const rest = new URL(answer.json.nextLink);
    const { value } = (await local.arm("GET", rest.pathname + rest.search)).json;
    expect(value[0].id).not.toBe(answer.json.value[0].id);
  });

  it("is required", async () => {
    const answer = await local.arm("GET", `${subscription}?x=y`);
    expect([answer.status, answer.json.error]).toEqual([
      400,
      {
        code: "MissingApiVersionParameter",
        message: "The api-version query parameter (?api-version=) is required for all requests.",
      },
    ]);
  });

  it.each(["1", "2022-13-01", "2022-02-30", "latest", "2022-09-01x"])("refuses %s", async (version) => {
    const answer = await local.arm("GET", `${subscription}?api-version=${version}`);
    expect([answer.status, answer.json.error.code]).toEqual([400, "InvalidApiVersionParameter"]);
  });

  it("refuses one of a provider's type in other words", async () => {
    const answer = await local.arm("GET", `${registries}/r12345?api-version=soon`);
    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBe("NoRegisteredProviderFound");
    expect(answer.json.error.message).toContain("API version 'soon' for type 'registries'");
  });

  it.each(["2031-01-01", "2023-01-01-preview"])("accepts %s", async (version) => {
    expect((await local.arm("GET", `${registries}?api-version=${version}`)).status).toBe(200);
  });
});

describe("what is unknown", () => {
  it.each([
    [
      "subscription",
      "GET",
      "/subscriptions/00000000-0000-4000-8000-000000000000",
      404,
      "SubscriptionNotFound",
    ],
    ["subscription id", "GET", "/subscriptions/mine/resourceGroups", 400, "InvalidSubscriptionId"],
    ["group", "GET", `${subscription}/resourceGroups/none/resources`, 404, "ResourceGroupNotFound"],
    [
      "namespace",
      "GET",
      `${subscription}/resourceGroups/rg/providers/Microsoft.Nope/things/x`,
      404,
      "InvalidResourceNamespace",
    ],
    [
      "type",
      "GET",
      `${subscription}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/agents/x`,
      404,
      "InvalidResourceType",
    ],
    ["action", "POST", `${registries}/r12345/scheduleRun`, 404, "InvalidResourceType"],
    ["verb", "POST", registries, 405, "MethodNotAllowed"],
    ["path", "GET", "/nowhere", 404, "NotFound"],
  ])("%s: Azure's error", async (_, method, path, status, code) => {
    const answer = await local.arm(method, path);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(answer.headers["x-ms-failure-cause"]).toBe("gateway");
  });
});

describe("requests and answers", () => {
  it("matches paths without regard to case and answers ids as first written", async () => {
    const answer = await local.arm("GET", `${subscription.toUpperCase()}/RESOURCEGROUPS/RG`);
    expect(answer.json.id).toBe(`${subscription}/resourceGroups/rg`);
  });

  it("takes slashes in a row for one: of the path of a parent that is not there az leaves them", async () => {
    const path = `/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerRegistry//registries/none12`;
    const answer = await local.arm("GET", path);
    expect(answer.json.error).toMatchObject({
      code: "ResourceNotFound",
      message: expect.stringContaining("The Resource 'Microsoft.ContainerRegistry/registries/none12' under"),
    });
  });

  it.each(["//", "///%", "/a%2Fb", "/%E0%A4%A"])("refuses the path %s as no valid one", async (path) => {
    const answer = await local.arm("GET", path);
    expect([answer.status, answer.json.error.code]).toEqual(
      path === "//" ? [404, "NotFound"] : [400, "BadRequest"],
    );
  });

  it("does not take a resource for a group whose name has a slash in it", async () => {
    const disguised = `${subscription}/resourceGroups/rg%2Fproviders%2FMicrosoft.Web%2Fsites%2Fapp`;
    expect((await local.arm("DELETE", disguised)).json.error.code).toBe("BadRequest");
  });

  it("carries Azure's headers", async () => {
    const { headers } = await local.arm("GET", subscription);
    expect(headers).toMatchObject({
      "cache-control": "no-cache",
      pragma: "no-cache",
      expires: "-1",
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "content-type": "application/json; charset=utf-8",
      "x-ms-request-id": expect.any(String),
      "x-ms-correlation-request-id": expect.any(String),
      "x-ms-routing-request-id": expect.any(String),
    });
  });

  it("speaks HTTPS only", async () => {
    await expect(fetch(local.azure.access.resourceManager.replace("https:", "http:"))).rejects.toThrow();
  });
});

describe("GET /metadata/endpoints", () => {
  it("names a login endpoint that az does not look up, of a cloud that azurerm supports, without a token", async () => {
    const endpoint = local.azure.access.resourceManager;
    const answer = await raw("/metadata/endpoints?api-version=2022-09-01");
    expect(answer.json).toMatchObject({
      resourceManager: `${endpoint}/`,
      authentication: {
        loginEndpoint: `${endpoint}/adfs`,
        ...{ identityProvider: "AAD", tenant: "common" },
        audiences: [`${endpoint}/`, endpoint],
      },
      suffixes: { acrLoginServer: new URL(endpoint).host },
      appServiceResourceId: "https://appservice.azure.com",
    });
  });

  it("is a list of clouds in 2019-05-01 and has the old names in 1.0", async () => {
    expect((await raw("/metadata/endpoints?api-version=2019-05-01")).json).toHaveLength(1);
    expect((await raw("/metadata/endpoints?api-version=1.0")).json.graphEndpoint).toBe(
      `${local.azure.access.resourceManager}/`,
    );
  });

  it("refuses another version", async () => {
    expect((await raw("/metadata/endpoints?api-version=2030-01-01")).status).toBe(400);
  });
});
