import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appServiceAudience } from "../../../../local/azure/core/metadata.ts";
import { localTokens } from "../../../../local/azure/core/tokens.ts";
import { ScmHost } from "../../../../local/azure/web/runtime/scm.ts";
import { SiteLog } from "../../../../local/azure/web/runtime/site-log.ts";
import { type LocalCertificates, localCertificates } from "../../../../local/net/certificates.ts";
import { freePort } from "../../../../local/net/ports.ts";
import { send } from "../../local-azure.ts";

let folder: string;
let certificates: LocalCertificates;
let log: SiteLog;
let scm: ScmHost;
let scmPort: number;
const identity = { tenantId: "t", subscriptionId: "s", objectId: "o", clientId: "c" };
const tokens = localTokens(Buffer.alloc(32, 1), identity, "https://localhost:1");
const bearer = (resource: string) => `Bearer ${tokens.issue(resource).token}`;
const publishing = { user: "$app-test", password: "publishing-password", basicAuthAllowed: true };
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const good = basic("$app-test", "publishing-password");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scm-test-"));
  certificates = await localCertificates(folder);
  log = new SiteLog(join(folder, "LogFiles"), "lw1sdlwk000C43");
  log.platform("INFO", "Starting container for site");
  scm = new ScmHost({
    log,
    tls: certificates,
    verifyToken: (token) => tokens.verify(token, [appServiceAudience]),
    report: () => undefined,
  });
  scmPort = await freePort();
  await scm.configure({ name: "app-test", scmPort, publishing });
});
afterAll(async () => {
  await scm.close();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string, authorization = good, method = "GET") =>
  send(`https://localhost:${scmPort}${path}`, {
    method,
    headers: authorization ? { authorization } : {},
    ca: certificates.ca,
  });

describe("the SCM host", () => {
  it.each([
    ["nothing", ""],
    ["a wrong password", basic("$app-test", "wrong")],
    ["another user", basic("$other", "publishing-password")],
    ["a foreign token", "Bearer other"],
    ["a token for a registry", bearer("https://containerregistry.azure.net")],
    ["an unknown scheme", "Digest x"],
  ])("refuses %s with 401", async (_what, authorization) => {
    expect((await get("/api/logs/docker", authorization)).status).toBe(401);
  });

  it.each([
    ["the publishing user", good],
    ["the publishing user with its site", basic("app-test\\$app-test", "publishing-password")],
    ["an ARM token", bearer("https://management.azure.com/")],
    ["az's token for App Service", bearer("https://appservice.azure.com")],
  ])("takes %s", async (_what, authorization) => {
    expect((await get("/api/logs/docker", authorization)).status).toBe(200);
  });

  it("refuses the publishing user while basic authentication is off, not a token", async () => {
    await scm.configure({
      name: "app-test",
      scmPort,
      publishing: { ...publishing, basicAuthAllowed: false },
    });
    expect((await get("/api/logs/docker")).status).toBe(401);
    expect((await get("/api/logs/docker", bearer(appServiceAudience))).status).toBe(200);
    await scm.configure({ name: "app-test", scmPort, publishing });
  });

  it("lists the log files, whose addresses lead to them", async () => {
    const [entry] = (await get("/api/logs/docker")).json;
    expect(entry).toMatchObject({
      machineName: "lw1sdlwk000C43",
      size: expect.any(Number),
      lastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
      path: `/home/LogFiles/${log.file("platform")}`,
    });
    expect(
      (await send(entry.href, { headers: { authorization: good }, ca: certificates.ca })).text,
    ).toContain("INFO  - Starting container for site");
    expect((await get("/api/vfs/LogFiles/")).json[0]).toMatchObject({ name: log.file("platform") });
  });

  it("answers the whole of a log file, as long as the list says", async () => {
    const name = "2026_01_02_lw1sdlwk000C43_docker.log";
    const lines = "2026-01-02T03:04:05.678Z INFO  - ünï\n".repeat(10_000);
    await writeFile(join(log.directory, name), lines);
    const entry = (await get("/api/vfs/LogFiles")).json.find((file: { name: string }) => file.name === name);
    const path = `/api/vfs/LogFiles/${name}`;
    const { text } = await get(path);
    expect([text === lines, Buffer.byteLength(text)]).toEqual([true, entry.size]);
    expect(await get(path, good, "HEAD")).toMatchObject({ status: 200, text: "" });
    await rm(join(log.directory, name));
  });

  it.each(["/logstream", "/api/logstream", "/api/logstream/docker", "/api/logstream/"])(
    "streams the log at %s: what is there, then each new line",
    async (path) => {
      const request = httpsRequest({
        host: "localhost",
        port: scmPort,
        path,
        headers: { authorization: good },
        ca: certificates.ca,
        agent: false,
      }).end();
      const [response] = (await once(request, "response")) as [IncomingMessage];
      response.setEncoding("utf8");
      let seen = "";
      const arrives = async (text: string) => {
        while (!seen.includes(text)) seen += (await once(response, "data"))[0];
      };
      await arrives("Starting container for site");
      expect(seen).toMatch(/^\S+ {2}Startup Request, url: \S+, method: GET, type: request, pid: \d+,/);
      expect(seen).toContain(
        `/home/LogFiles/${log.file("platform")}  (https://localhost:${scmPort}/api/vfs/`,
      );
      log.platform("INFO", `new for ${path}`);
      await arrives(`new for ${path}`);
      response.on("error", () => undefined);
      request.destroy();
    },
  );

  it("answers HEAD of the log stream at once", async () => {
    expect((await get("/api/logstream", good, "HEAD")).status).toBe(200);
  });

  it("refuses a target that is no URL", async () => {
    expect(await get("//")).toMatchObject({ status: 400, text: expect.stringContaining("not valid") });
  });

  it("refuses what it does not have by name", async () => {
    expect(await get("/dump")).toMatchObject({ status: 501, text: expect.stringContaining("/dump") });
    expect((await get("/api/logs/docker/zip")).status).toBe(501);
    expect(await get("/api/zipdeploy")).toMatchObject({
      status: 404,
      text: expect.stringContaining("No HTTP resource was found"),
    });
    expect((await get("/api/vfs/LogFiles/..%2F..%2Fkey.log")).status).toBe(404);
    expect((await get("/api/zipdeploy", good, "POST")).status).toBe(405);
  });
});
