import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  finished,
  type LocalAzure,
  send,
  startLocalAzure,
  statusAfterBody,
  subscription,
} from "../../local-azure.ts";

const registry = `${subscription}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/crtest`;
const tokenUser = "00000000-0000-0000-0000-000000000000";

let local: LocalAzure;
let loginServer: string;
beforeAll(async () => {
  local = await startLocalAzure();
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
  const body = { location: "westeurope", sku: { name: "Basic" }, properties: { adminUserEnabled: true } };
  await finished(local, await local.arm("PUT", registry, body));
  loginServer = (await local.arm("GET", registry)).json.properties.loginServer;
});
afterAll(() => local.dispose());

const setAdminUser = (adminUserEnabled: boolean) =>
  local.arm("PATCH", registry, { properties: { adminUserEnabled } });
const passwords = async (): Promise<string[]> =>
  (await local.arm("POST", `${registry}/listCredentials`)).json.passwords.map(
    ({ value }: { value: string }) => value,
  );
const basic = (password: string, user = "crtest") =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const ask = (path: string, authorization?: string, method = "GET", body?: string | Buffer) =>
  send(`https://${loginServer}${path}`, {
    ca: local.ca,
    method,
    body,
    headers: authorization ? { authorization } : {},
  });
const form = (path: string, fields: Record<string, string>) =>
  send(`https://${loginServer}${path}`, {
    ca: local.ca,
    method: "POST",
    body: new URLSearchParams(fields).toString(),
  });
const accessToken = async (scope: string, password?: string) => {
  const query = `service=${encodeURIComponent(loginServer)}&scope=${encodeURIComponent(scope)}`;
  const answer = await ask(`/oauth2/token?${query}`, basic(password ?? (await passwords())[0]!));
  return `Bearer ${answer.json.access_token}`;
};
const exchange = async (entraToken: string) =>
  form("/oauth2/exchange", { grant_type: "access_token", service: loginServer, access_token: entraToken });

describe("the registry's API", () => {
  it("passes on no body of a read, which the registry would not wait for", async () => {
    const body = "x".repeat(1000);
    const headers = { authorization: basic((await passwords())[0]!), "content-length": String(body.length) };
    const answer = await send(`https://${loginServer}/v2/`, { ca: local.ca, body, headers });
    expect(answer.json).toMatchObject({ method: "GET", bytes: 0 });
    expect(answer.json.headers).not.toHaveProperty("content-length");
  });

  it.each([encodeURIComponent("€"), "%0A", '"x', "b/../c", ""])(
    "mounts nothing from %j, no repository",
    async (from) => {
      const answer = await ask(`/v2/a/blobs/uploads/?mount=sha256:0&from=${from}`, undefined, "POST");
      expect([answer.status, answer.json.errors[0].code]).toEqual([404, "NOT_FOUND"]);
    },
  );

  it("gives no form of a POST to the registry, which would mount a layer from where it says", async () => {
    const answer = await send(`https://${loginServer}/v2/a/blobs/uploads/`, {
      ca: local.ca,
      method: "POST",
      body: "mount=sha256:0&from=b",
      headers: {
        authorization: basic((await passwords())[0]!),
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(answer.json).toMatchObject({ method: "POST", bytes: 21 });
    expect(answer.json.headers).not.toHaveProperty("content-type");
  });

  it("asks for credentials when a client has sent a layer without, as Azure's Python SDK does", async () => {
    const url = `https://${loginServer}/v2/a/blobs/uploads/u-1`;
    expect(await statusAfterBody(url, "PATCH", "", local.ca)).toBe(401);
  });

  it("says 405 of Azure's own API, whose clients take a 404 for a deletion that was done before", async () => {
    const answer = await ask("/acr/v1/a", basic((await passwords())[0]!), "DELETE");
    expect([answer.status, answer.json.errors[0].code]).toEqual([405, "UNSUPPORTED"]);
  });

  it("answers 401 with a challenge when there are no credentials", async () => {
    const answer = await ask("/v2/");
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe(
      `Bearer realm="https://${loginServer}/oauth2/token",service="${loginServer}"`,
    );
    expect(answer.json.errors[0].code).toBe("UNAUTHORIZED");
  });

  it.each([
    ["/v2/a/b/manifests/latest", "GET", 'scope="repository:a/b:pull"'],
    ["/v2/a/blobs/uploads/", "POST", 'scope="repository:a:pull,push"'],
    [
      "/v2/a/blobs/uploads/?from=b&mount=sha256:0",
      "POST",
      'scope="repository:a:pull,push repository:b:pull"',
    ],
    ["/v2/a/manifests/latest", "DELETE", 'scope="repository:a:delete"'],
    ["/v2/_catalog", "GET", 'scope="registry:catalog:*"'],
  ])("says which scope %s by %s needs", async (path, method, scope) => {
    const answer = await ask(path, undefined, method);
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining(scope),
    ]);
  });

  it("takes either password, and no other", async () => {
    for (const password of await passwords()) {
      expect((await ask("/v2/", basic(password))).status).toBe(200);
      expect((await ask("/v2/", basic(password, "someone"))).status).toBe(401);
    }
    expect((await ask("/v2/", basic(`${(await passwords())[0]}x`))).status).toBe(401);
    expect((await ask("/v2/", basic(""))).status).toBe(401);
  });

  it("passes a request on without its credentials, with path and query as they were", async () => {
    const answer = await ask("/v2/a/tags/list?n=2&last=x%2By", basic((await passwords())[0]!));
    expect(answer.json).toMatchObject({ method: "GET", url: "/v2/a/tags/list?n=2&last=x%2By" });
    expect(answer.json.headers.authorization).toBeUndefined();
  });

  it("passes a large body on", async () => {
    const layer = Buffer.alloc(8 << 20);
    const answer = await ask(
      "/v2/a/blobs/uploads/u-1?_state=s",
      basic((await passwords())[0]!),
      "PATCH",
      layer,
    );
    expect(answer.json).toMatchObject({ method: "PATCH", bytes: layer.length });
  });

  it.each([
    "/v2/a/../b/manifests/x",
    "/v2/a//b/manifests/x",
    "/v2/%2e%2e/b/manifests/x",
    "/v2/a/blobs/uploads/%3Ffrom=b",
    "/v2/a/nothing",
    "/metrics",
    "/debug/health",
  ])("has nothing at %s", async (path) => {
    const answer = await ask(path, basic((await passwords())[0]!));
    const passedOn = answer.status === 200 ? answer.json.url : undefined;
    // The client resolves dots by itself; then what arrives is the resolved path.
    expect(passedOn).toBe(path === "/v2/a/../b/manifests/x" ? "/v2/b/manifests/x" : undefined);
  });
});

describe("access tokens", () => {
  it("go as far as their scopes", async () => {
    const pull = await accessToken("repository:a:pull");
    expect((await ask("/v2/", pull)).status).toBe(200);
    expect((await ask("/v2/a/manifests/x", pull)).status).toBe(200);
    const push = await ask("/v2/a/blobs/uploads/", pull, "POST");
    expect([push.status, push.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="insufficient_scope"'),
    ]);
    expect((await ask("/v2/b/manifests/x", pull)).status).toBe(401);
    expect((await ask("/v2/_catalog", pull)).status).toBe(401);
    expect((await ask("/v2/_catalog", await accessToken("registry:catalog:*"))).status).toBe(200);
  });

  it("for one repository do not mount another's layers", async () => {
    const mount = "/v2/a/blobs/uploads/?mount=sha256:0&from=secret";
    expect((await ask(mount, await accessToken("repository:a:pull,push"), "POST")).status).toBe(401);
    const both = await accessToken("repository:a:pull,push repository:secret:pull");
    expect((await ask(mount, both, "POST")).status).toBe(200);
  });

  it("are refused with a wrong password, none, or for another service", async () => {
    const query = `service=${encodeURIComponent(loginServer)}`;
    expect((await ask(`/oauth2/token?${query}`, basic("wrong"))).status).toBe(401);
    expect((await ask(`/oauth2/token?${query}`)).status).toBe(401);
    expect((await ask("/oauth2/token?service=other", basic((await passwords())[0]!))).status).toBe(400);
  });

  it("are had by grant_type=password too", async () => {
    const fields = {
      grant_type: "password",
      service: loginServer,
      username: "crtest",
      scope: "repository:a:pull",
    };
    const answer = await form("/oauth2/token", { ...fields, password: (await passwords())[1]! });
    expect((await ask("/v2/a/manifests/x", `Bearer ${answer.json.access_token}`)).status).toBe(200);
    expect((await form("/oauth2/token", { ...fields, password: "wrong" })).status).toBe(401);
    expect((await form("/oauth2/token", { ...fields, grant_type: "magic" })).status).toBe(400);
  });

  it("are not the resource manager's, nor the other way round", async () => {
    expect((await ask("/v2/", `Bearer ${await local.token()}`)).status).toBe(401);
  });
});

describe("what takes a password out of force", () => {
  it("regenerateCredential does at once, and the tokens that it had brought", async () => {
    const [old, other] = await passwords();
    const [token, otherToken] = [
      await accessToken("repository:a:pull", old),
      await accessToken("repository:a:pull", other),
    ];
    await local.arm("POST", `${registry}/regenerateCredential`, { name: "password" });
    expect((await ask("/v2/", basic(old!))).status).toBe(401);
    expect((await ask("/v2/a/manifests/x", token)).headers["www-authenticate"]).toContain(
      'error="invalid_token"',
    );
    expect((await ask("/v2/", basic(other!))).status).toBe(200);
    expect((await ask("/v2/a/manifests/x", otherToken)).status).toBe(200);
    expect((await ask("/v2/", basic((await passwords())[0]!))).status).toBe(200);
  });

  it("switching the admin user off does, until it is on again", async () => {
    const [password] = await passwords();
    const token = await accessToken("repository:a:pull", password);
    await setAdminUser(false);
    expect((await ask("/v2/", basic(password!))).status).toBe(401);
    expect((await ask("/v2/a/manifests/x", token)).status).toBe(401);
    await setAdminUser(true);
    expect((await ask("/v2/", basic(password!))).status).toBe(200);
  });
});

describe("tokens of Microsoft Entra ID", () => {
  it("are exchanged for a refresh token, good for access tokens and as a password, without the admin user", async () => {
    await setAdminUser(false);
    onTestFinished(async () => void (await setAdminUser(true)));
    const refresh = (await exchange(await local.token())).json.refresh_token;
    const fields = { grant_type: "refresh_token", service: loginServer, scope: "repository:a:pull,push" };
    const { json } = await form("/oauth2/token", { ...fields, refresh_token: refresh });
    expect((await ask("/v2/a/manifests/x", `Bearer ${json.access_token}`, "PUT")).status).toBe(200);
    expect((await ask("/v2/", basic(refresh, tokenUser))).status).toBe(200);
    expect((await ask("/v2/", `Bearer ${refresh}`)).status).toBe(401);
  });

  it("are accepted for the registry service's audience, and for no other", async () => {
    expect((await exchange(await local.token("https://containerregistry.azure.net"))).status).toBe(200);
    expect((await exchange(await local.token("https://vault.azure.net"))).status).toBe(401);
    expect((await exchange("nonsense")).status).toBe(401);
  });
});

describe("secrets and restarts", () => {
  it("keeps passwords and tokens over a restart, in no file in clear", async () => {
    const directory = await mkdtemp(join(tmpdir(), "azure-test-"));
    try {
      const first = await startLocalAzure({ directory });
      await first.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
      const body = { location: "westeurope", sku: { name: "Basic" }, properties: { adminUserEnabled: true } };
      await finished(first, await first.arm("PUT", registry, body));
      const before = await first.arm("POST", `${registry}/listCredentials`);
      const password: string = before.json.passwords[0].value;
      await first.azure.close();
      const second = await startLocalAzure({ directory });
      expect((await second.arm("POST", `${registry}/listCredentials`)).json).toEqual(before.json);
      const host = (await second.arm("GET", registry)).json.properties.loginServer;
      const headers = { authorization: basic(password) };
      expect((await send(`https://${host}/v2/`, { ca: second.ca, headers })).status).toBe(200);
      const files = await readdir(directory, { recursive: true, withFileTypes: true });
      const regular = files.filter((entry) => entry.isFile());
      expect(regular.length).toBeGreaterThan(5);
      for (const { parentPath, name } of regular) {
        expect((await readFile(join(parentPath, name))).includes(password), name).toBe(false);
      }
      expect(second.logs.join("\n")).not.toContain(password);
      await second.azure.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
