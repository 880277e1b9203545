import { describe, expect, it } from "vitest";
import { subscription } from "../../local-azure.ts";
import { armErrorOf, image, location, webApps, webErrorOf } from "../web-apps.ts";

const web = webApps();

const groupName = () => web.group.split("/").at(-1);

describe("an app", () => {
  it("answers its creation with 200, an etag, and Azure's stale siteConfig", async () => {
    await web.putPlan();
    const { status, headers, json } = await web.putSite(
      { reserved: false, httpsOnly: true, siteConfig: { linuxFxVersion: image } },
      { tags: { team: "ml" } },
    );
    expect(status).toBe(200);
    expect(headers.etag).toMatch(/^1D[0-9A-F]{13}$/);
    expect(json).toMatchObject({
      id: web.siteId,
      name: web.siteName,
      type: "Microsoft.Web/sites",
      kind: "app,linux,container",
      location: "West Europe",
      tags: { team: "ml" },
      properties: {
        state: "Running",
        reserved: true,
        httpsOnly: true,
        clientAffinityEnabled: true,
        sku: "Basic",
        serverFarmId: web.planId,
        privateEndpointConnections: null,
        siteConfig: { linuxFxVersion: "", http20Enabled: false },
        siteProperties: {
          properties: [{ name: "LinuxFxVersion", value: image }, { name: "WindowsFxVersion" }],
        },
      },
    });
  });

  it("is read with its hosts on localhost and the partial siteConfig", async () => {
    await web.putBoth({ siteConfig: { linuxFxVersion: image, appSettings: [{ name: "A", value: "b" }] } });
    const { status, json } = await web.onSite("GET", "");
    const { port, scmPort } = web.spec;
    expect(status).toBe(200);
    expect(json.properties).toMatchObject({
      defaultHostName: `localhost:${port}`,
      hostNames: [`localhost:${port}`],
      enabledHostNames: [`localhost:${port}`, `localhost:${scmPort}`],
      hostNameSslStates: [
        { name: `localhost:${port}`, sslState: "Disabled", hostType: "Standard" },
        { name: `localhost:${scmPort}`, sslState: "Disabled", hostType: "Repository" },
      ],
      privateEndpointConnections: [],
      customDomainVerificationId: expect.stringMatching(/^[0-9A-F]{64}$/),
      siteConfig: { linuxFxVersion: image, http20Enabled: true, alwaysOn: false, appSettings: null },
    });
    expect(json).not.toHaveProperty("identity");
  });

  it("reaches the runtime whole", async () => {
    await web.putBoth({
      httpsOnly: true,
      clientAffinityEnabled: false,
      siteConfig: {
        linuxFxVersion: image,
        alwaysOn: true,
        minTlsVersion: "1.3",
        http20Enabled: false,
        healthCheckPath: "/healthy",
        appCommandLine: "node app.js",
        httpLoggingEnabled: true,
        appSettings: [{ name: "DOCKER_REGISTRY_SERVER_PASSWORD", value: "secret" }],
      },
    });
    expect(web.spec).toEqual({
      name: web.siteName,
      id: web.siteId,
      resourceGroup: groupName(),
      subscriptionId: subscription.split("/")[2],
      location: "westeurope",
      sku: { name: "B1", tier: "Basic", computeMode: "Dedicated" },
      port: expect.any(Number),
      scmPort: expect.any(Number),
      linuxFxVersion: image,
      appSettings: { DOCKER_REGISTRY_SERVER_PASSWORD: "secret" },
      appCommandLine: "node app.js",
      enabled: true,
      httpsOnly: true,
      minTlsVersion: "1.3",
      http20Enabled: false,
      clientAffinityEnabled: false,
      alwaysOn: true,
      healthCheckPath: "/healthy",
      containerLogging: true,
      publishing: {
        user: `$${web.siteName}`,
        password: expect.stringMatching(/^.{60}$/),
        basicAuthAllowed: true,
      },
    });
  });

  it("keeps absent siteConfig members and app settings at a PUT, and resets the site's other properties", async () => {
    await web.putBoth({
      httpsOnly: true,
      siteConfig: { linuxFxVersion: image, alwaysOn: true, appSettings: [{ name: "A", value: "b" }] },
    });
    const { port } = web.spec;
    await web.putSite({ siteConfig: { healthCheckPath: "/x", alwaysOn: null } });
    expect(web.spec).toMatchObject({
      port,
      linuxFxVersion: image,
      alwaysOn: true,
      healthCheckPath: "/x",
      appSettings: { A: "b" },
      httpsOnly: false,
    });
  });

  it("has its app settings replaced as a whole by those of a PUT", async () => {
    await web.putBoth({ siteConfig: { linuxFxVersion: image, appSettings: [{ name: "A", value: "b" }] } });
    await web.putSite({ siteConfig: { appSettings: [{ name: "C", value: "d" }] } });
    expect(web.spec.appSettings).toEqual({ C: "d" });
    await web.putSite({ siteConfig: { appSettings: [] } });
    expect(web.spec.appSettings).toEqual({});
  });

  it("is patched member by member", async () => {
    await web.putBoth({ httpsOnly: true, siteConfig: { linuxFxVersion: image } });
    const { status, json } = await web.onSite("PATCH", "", {
      tags: { a: "b" },
      properties: { clientAffinityEnabled: false },
    });
    expect([status, json.tags]).toEqual([200, { a: "b" }]);
    expect(web.spec).toMatchObject({ httpsOnly: true, clientAffinityEnabled: false, linuxFxVersion: image });
    await web.onSite("PATCH", "", { properties: {} });
    expect((await web.onSite("GET", "")).json.tags).toEqual({ a: "b" });
  });

  it("loses tags that a PUT does not name", async () => {
    await web.putPlan();
    await web.putSite({}, { tags: { a: "b" } });
    await web.putSite();
    expect((await web.onSite("GET", "")).json).not.toHaveProperty("tags");
  });

  it("can be sent back as it was read", async () => {
    await web.putBoth();
    const { json } = await web.onSite("GET", "");
    const before = web.spec;
    expect((await web.arm("PUT", web.siteId, json)).status).toBe(200);
    expect(web.spec).toEqual(before);
  });

  it("may lie in another group than its plan, which it may name without an id in its own", async () => {
    await web.putPlan();
    expect((await web.putSite({ serverFarmId: "plan" })).json.properties.serverFarmId).toBe(web.planId);
    const plan = web.planId;
    await web.newGroup();
    expect((await web.putSite({ serverFarmId: plan })).json.properties.serverFarmId).toBe(plan);
  });

  it("moves to another plan", async () => {
    await web.putBoth();
    const other = web.planId.replace(/plan$/, "other");
    await web.arm("PUT", other, { location, sku: { name: "S1" }, properties: { reserved: true } });
    await web.onSite("PATCH", "", { properties: { serverFarmId: other } });
    expect(web.spec.sku.name).toBe("S1");
    expect(webErrorOf(await web.arm("DELETE", other.toUpperCase()))[0]).toBe(409);
    expect((await web.arm("DELETE", web.planId)).status).toBe(200);
    await web.putPlan({ name: "B2" });
    await web.putSite({ serverFarmId: web.planId.toUpperCase() });
    expect(web.spec.sku.name).toBe("B2");
    expect((await web.onSite("GET", "")).json.properties.serverFarmId).toBe(web.planId);
    expect((await web.arm("DELETE", other)).status).toBe(200);
  });

  it("is disabled and enabled by its property", async () => {
    await web.putBoth({ enabled: false });
    expect(web.spec.enabled).toBe(false);
    expect((await web.onSite("GET", "")).json.properties).toMatchObject({ enabled: false, state: "Stopped" });
  });

  it("without an image runs nothing and is no container", async () => {
    await web.putPlan();
    expect((await web.putSite()).json.kind).toBe("app,linux");
    expect(web.spec.linuxFxVersion).toBe("");
  });

  it("is refused with properties that nobody knows", async () => {
    await web.putPlan();
    const unknown = (path: string) => [400, "NotSupported", expect.stringContaining(`know '${path}'`)];
    expect(armErrorOf(await web.putSite({ httpOnly: true }))).toEqual(unknown("properties.httpOnly"));
    expect(armErrorOf(await web.putSite({ siteConfig: { alwaysOnn: true } }))).toEqual(
      unknown("properties.siteConfig.alwaysOnn"),
    );
  });

  it("is listed by group and by subscription", async () => {
    await web.putBoth();
    for (const scope of [web.group, subscription]) {
      const { json } = await web.arm("GET", `${scope}/providers/Microsoft.Web/sites`);
      expect([json.nextLink, json.id]).toEqual([null, null]);
      expect(json.value.map((site: { id: string }) => site.id)).toContain(web.siteId);
    }
  });

  it("is listed among all resources with its kind, as its plan", async () => {
    await web.putBoth();
    const { json } = await web.arm("GET", `${web.group}/resources`);
    const kinds = json.value.map(({ name, kind }: { name: string; kind: string }) => [name, kind]);
    expect(Object.fromEntries(kinds)).toEqual({
      plan: "linux",
      [web.siteName]: "app,linux,container",
    });
  });
});

describe("deleting an app", () => {
  it("ends what runs for it, forgets its settings and ports, and takes the empty plan along", async () => {
    await web.putBoth({ siteConfig: { appSettings: [{ name: "A", value: "b" }] } });
    expect((await web.onSite("DELETE", "")).status).toBe(200);
    expect(web.runtime.calls.at(-1)).toBe(`remove ${web.siteName}`);
    expect((await web.onSite("GET", "")).status).toBe(404);
    expect((await web.arm("GET", web.planId)).status).toBe(404);
    await web.putBoth();
    expect(web.spec.appSettings).toEqual({});
  });

  it("keeps the plan when told, or when other apps are on it", async () => {
    await web.putBoth();
    await web.onSite("DELETE", "?deleteEmptyServerFarm=false&api-version=2023-01-01");
    expect((await web.arm("GET", web.planId)).status).toBe(200);
    await web.putSite();
    const second = `${web.siteId}-second`;
    await web.arm("PUT", second, { location, properties: { serverFarmId: web.planId } });
    await web.arm("DELETE", second);
    expect((await web.arm("GET", web.planId)).status).toBe(200);
  });

  it.each(["nonsense", "1"])("asks whether to keep the plan by true or false, not %s", async (value) => {
    await web.putBoth();
    const answer = await web.onSite("DELETE", `?deleteEmptyServerFarm=${value}&api-version=2023-01-01`);
    expect(webErrorOf(answer)[2]).toBe("The parameter deleteEmptyServerFarm has an invalid value.");
    expect((await web.onSite("GET", "")).status).toBe(200);
  });

  it("that is not there is 204", async () => {
    expect((await web.onSite("DELETE", "")).status).toBe(204);
  });
});
