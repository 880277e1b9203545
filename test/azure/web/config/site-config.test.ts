import { describe, expect, it } from "vitest";
import { armErrorOf, image, webAppsWithSite, webErrorOf } from "../web-apps.ts";

const web = webAppsWithSite();

describe("config/web", () => {
  it("shows the whole configuration with Azure's defaults, in the site's name", async () => {
    const { status, json } = await web.onSite("GET", "/config/web");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: `${web.siteId}/config/web`,
      name: web.siteName,
      type: "Microsoft.Web/sites/config",
      location: "West Europe",
      properties: {
        linuxFxVersion: image,
        numberOfWorkers: 1,
        netFrameworkVersion: "v4.0",
        alwaysOn: false,
        http20Enabled: true,
        minTlsVersion: "1.2",
        ftpsState: "FtpsOnly",
        publishingUsername: `$${web.siteName}`,
        publishingPassword: null,
        appSettings: null,
        virtualApplications: [{ virtualPath: "/", physicalPath: "site\\wwwroot", preloadEnabled: false }],
        ipSecurityRestrictions: [{ ipAddress: "Any", action: "Allow", priority: 2147483647 }],
      },
    });
    expect((await web.onSite("GET", "/config")).json.value).toEqual([json]);
  });

  it.each(["PATCH", "PUT"])("is merged by %s, which answers as the site", async (method) => {
    const { status, json } = await web.onSite(method, "/config/web", {
      properties: { alwaysOn: true, healthCheckPath: "/v2/health/ready", ftpsState: "Disabled" },
    });
    expect([status, json.id, json.type]).toEqual([200, web.siteId, "Microsoft.Web/sites"]);
    expect(json.properties).toMatchObject({ alwaysOn: true, ftpsState: "Disabled", linuxFxVersion: image });
    expect(web.spec).toMatchObject({
      alwaysOn: true,
      healthCheckPath: "/v2/health/ready",
      linuxFxVersion: image,
    });
  });

  it("can be sent back as it was read, as az does", async () => {
    const { json } = await web.onSite("GET", "/config/web");
    const before = web.spec;
    expect((await web.onSite("PATCH", "/config/web", json)).status).toBe(200);
    expect(web.spec).toEqual(before);
  });

  it("serves TLS versions that Azure still takes as 1.2", async () => {
    await web.onSite("PATCH", "/config/web", { properties: { minTlsVersion: "1.0" } });
    expect(web.spec.minTlsVersion).toBe("1.2");
  });

  it("takes another image, and none", async () => {
    await web.onSite("PATCH", "/config/web", {
      properties: { linuxFxVersion: "DOCKER|localhost:1/other:2" },
    });
    expect(web.spec.linuxFxVersion).toBe("DOCKER|localhost:1/other:2");
    // The blank is how az says none.
    for (const none of ["", " "]) {
      await web.putSite({ siteConfig: { linuxFxVersion: image } });
      await web.onSite("PATCH", "/config/web", { properties: { linuxFxVersion: none } });
      expect(web.spec.linuxFxVersion).toBe("");
    }
  });

  it.each([
    ["LinuxFxVersion", { linuxFxVersion: "nonsense" }],
    ["LinuxFxVersion", { linuxFxVersion: "DOCKER|" }],
    ["LinuxFxVersion", { linuxFxVersion: "DOCKER| nginx:1" }],
    ["LinuxFxVersion", { linuxFxVersion: "DOCKER|\tnginx:1" }],
    ["LinuxFxVersion", { linuxFxVersion: "DOCKER|nginx:1 " }],
    ["LinuxFxVersion", { linuxFxVersion: "DOCKER|nginx :1" }],
    ["LinuxFxVersion", { linuxFxVersion: " DOCKER|nginx:1" }],
    ["LinuxFxVersion", { linuxFxVersion: 1 }],
    ["AlwaysOn", { alwaysOn: "true" }],
    ["MinTlsVersion", { minTlsVersion: "2.0" }],
    ["HealthCheckPath", { healthCheckPath: "healthy" }],
    ["DefaultDocuments", { defaultDocuments: {} }],
    ["DefaultDocuments", { defaultDocuments: [1] }],
    ["LoadBalancing", { loadBalancing: "Chance" }],
    ["AppSettings", { appSettings: { A: "b" } }],
    ["AppSettings", { appSettings: "" }],
    ["ConnectionStrings", { connectionStrings: {} }],
    ["ConnectionStrings", { connectionStrings: [null] }],
    ["Metadata", { metadata: false }],
  ])("%s has an invalid value in %j", async (parameter, properties) => {
    expect(webErrorOf(await web.onSite("PATCH", "/config/web", { properties }))).toEqual([
      400,
      "BadRequest",
      `The parameter ${parameter} has an invalid value.`,
    ]);
  });

  it.each(["NODE|24-lts", "COMPOSE|dmVyc2lvbg==", "sitecontainers|"])(
    "refuses %s by name",
    async (linuxFxVersion) => {
      const answer = await web.onSite("PATCH", "/config/web", { properties: { linuxFxVersion } });
      const [status, code, message] = armErrorOf(answer);
      expect([status, code]).toEqual([400, "NotSupported"]);
      expect(message).toContain(linuxFxVersion);
    },
  );

  it("refuses a compose file without repeating it", async () => {
    const linuxFxVersion = `COMPOSE|${"dmVyc2lvbg".repeat(100)}`;
    const [, , message] = armErrorOf(
      await web.onSite("PATCH", "/config/web", { properties: { linuxFxVersion } }),
    );
    expect(message).toContain(`${linuxFxVersion.slice(0, 40)}…:`);
  });

  it("is not to be had always on when the plan is Free", async () => {
    await web.putPlan({ name: "F1" });
    const answer = await web.onSite("PATCH", "/config/web", { properties: { alwaysOn: true } });
    expect(webErrorOf(answer)[0]).toBe(409);
  });
});
