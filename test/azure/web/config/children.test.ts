import { describe, expect, it } from "vitest";
import { armErrorOf, webAppsWithSite, webErrorOf } from "../web-apps.ts";

const web = webAppsWithSite();

describe("config/logs", () => {
  it("is off at first", async () => {
    const { status, json } = await web.onSite("GET", "/config/logs");
    expect([status, json.name, json.type]).toEqual([200, "logs", "Microsoft.Web/sites/config"]);
    expect(json.properties).toMatchObject({
      applicationLogs: { fileSystem: { level: "Off" } },
      httpLogs: { fileSystem: { retentionInMb: 35, retentionInDays: 0, enabled: false } },
      failedRequestsTracing: { enabled: false },
      detailedErrorMessages: { enabled: false },
    });
  });

  it("switches the container log, which config/web shows too", async () => {
    const properties = { httpLogs: { fileSystem: { enabled: true, retentionInMb: 50, retentionInDays: 3 } } };
    const { status, json } = await web.onSite("PUT", "/config/logs", { properties });
    expect([status, json.properties.httpLogs.fileSystem]).toEqual([200, properties.httpLogs.fileSystem]);
    expect(web.spec.containerLogging).toBe(true);
    expect((await web.onSite("GET", "/config/web")).json.properties.httpLoggingEnabled).toBe(true);
    expect((await web.onSite("PUT", "/config/logs", json)).status).toBe(200);
  });

  it.each([{ retentionInMb: 24 }, { retentionInMb: 50.5 }, { retentionInDays: -1 }, { enabled: 1 }])(
    "refuses %j",
    async (fileSystem) => {
      const properties = { httpLogs: { fileSystem } };
      expect(webErrorOf(await web.onSite("PUT", "/config/logs", { properties }))[0]).toBe(400);
    },
  );

  it("is reset by the body that Pulumi deletes it with", async () => {
    await web.onSite("PATCH", "/config/web", { properties: { httpLoggingEnabled: true } });
    await web.onSite("PUT", "/config/logs", { properties: { applicationLogs: {} } });
    expect(web.spec.containerLogging).toBe(false);
  });

  it.each([
    [{ applicationLogs: { fileSystem: { level: "Error" } } }, "applicationLogs.fileSystem.level"],
    [{ httpLogs: { azureBlobStorage: { enabled: true } } }, "httpLogs.azureBlobStorage.enabled"],
    [{ detailedErrorMessages: { enabled: true } }, "detailedErrorMessages.enabled"],
  ])("refuses %j by name", async (properties, path) => {
    const [status, code, message] = armErrorOf(await web.onSite("PUT", "/config/logs", { properties }));
    expect([status, code]).toEqual([400, "NotSupported"]);
    expect(message).toContain(`'properties.${path}'`);
  });

  it("has a size from 25 to 100 MB", async () => {
    const properties = { httpLogs: { fileSystem: { enabled: true, retentionInMb: 5 } } };
    expect(webErrorOf(await web.onSite("PUT", "/config/logs", { properties }))[0]).toBe(400);
  });
});

describe("config/slotConfigNames", () => {
  it("is empty at first, then kept, in the envelope that Azure gives it", async () => {
    const first = await web.onSite("GET", "/config/slotConfigNames");
    expect(first.json).toMatchObject({ id: null, name: web.siteName, type: "Microsoft.Web/sites" });
    expect(first.json.properties).toEqual({
      connectionStringNames: null,
      appSettingNames: null,
      azureStorageConfigNames: null,
    });
    await web.onSite("PUT", "/config/slotConfigNames", { properties: { appSettingNames: ["A"] } });
    expect((await web.onSite("GET", "/config/slotConfigNames")).json.properties.appSettingNames).toEqual([
      "A",
    ]);
    const wrong = await web.onSite("PUT", "/config/slotConfigNames", {
      properties: { appSettingNames: "A" },
    });
    expect(webErrorOf(wrong)[0]).toBe(400);
  });
});

describe("what cannot be made here", () => {
  it("mounted storage: there is none, which can be said", async () => {
    const none = await web.onSite("PUT", "/config/azurestorageaccounts", { properties: {} });
    expect([none.status, none.json.properties]).toEqual([200, {}]);
    expect((await web.onSite("POST", "/config/azurestorageaccounts/list")).json).toEqual(none.json);
    const properties = { share: { type: "AzureFiles", accountName: "a", shareName: "s", mountPath: "/s" } };
    const mounted = await web.onSite("PUT", "/config/azurestorageaccounts", { properties });
    expect(armErrorOf(mounted)).toEqual([400, "NotSupported", expect.stringContaining("no storage account")]);
  });

  it("backups: their settings are not found", async () => {
    const answer = await web.onSite("POST", "/config/backup/list");
    expect(webErrorOf(answer).slice(0, 2)).toEqual([404, "NotFound"]);
    expect((await web.onSite("PUT", "/config/backup", { properties: {} })).json.error.code).toBe(
      "InvalidResourceType",
    );
  });

  it("a deployment from source control: there is no repository", async () => {
    const { status, json } = await web.onSite("GET", "/sourcecontrols/web");
    expect([status, json.id, json.properties.repoUrl]).toEqual([
      200,
      `${web.siteId}/sourcecontrols/web`,
      null,
    ]);
    expect((await web.onSite("PUT", "/sourcecontrols/web", { properties: {} })).status).toBe(405);
  });

  it.each(["slots", "siteContainers", "backups", "snapshots", "privateEndpointConnections"])(
    "%s: there are none",
    async (name) => {
      expect((await web.onSite("GET", `/${name}`)).json).toEqual({ value: [], nextLink: null, id: null });
      const made = await web.onSite("PUT", `/${name}/one`, { properties: {} });
      expect(armErrorOf(made).slice(0, 2)).toEqual([404, "InvalidResourceType"]);
    },
  );

  it("certificates: there are none, in the group and in the subscription", async () => {
    for (const scope of [web.group, web.group.split("/resourceGroups")[0]]) {
      const { json } = await web.arm("GET", `${scope}/providers/Microsoft.Web/certificates`);
      expect(json.value).toEqual([]);
    }
  });
});

describe("App Service Authentication", () => {
  it("is off, and can be said to be off", async () => {
    const off = { properties: { platform: { enabled: false }, identityProviders: {} } };
    const get = await web.onSite("GET", "/config/authsettingsV2");
    const put = await web.onSite("PUT", "/config/authsettingsV2", off);
    expect([get.status, put.status]).toEqual([200, 200]);
    expect(get.json).toMatchObject({ name: "authsettingsV2", properties: { platform: { enabled: false } } });
    expect(put.json).toEqual(get.json);
    expect((await web.onSite("PUT", "/config/authsettings", { properties: { enabled: false } })).status).toBe(
      200,
    );
    expect((await web.onSite("POST", "/config/authsettings/list")).json.properties).toEqual({
      enabled: false,
    });
  });

  it.each([
    ["authsettingsV2", { platform: { enabled: true } }, "properties.platform.enabled"],
    [
      "authsettingsV2",
      { identityProviders: { azureActiveDirectory: { enabled: true } } },
      "properties.identityProviders",
    ],
    ["authsettings", { enabled: true }, "properties.enabled"],
  ])("is refused by name: config/%s %j", async (child, properties, path) => {
    const answer = await web.onSite("PUT", `/config/${child}`, { properties });
    expect(armErrorOf(answer)).toEqual([400, "NotSupported", expect.stringContaining(`'${path}'`)]);
  });
});

describe("publishing credentials", () => {
  it("are those that the SCM host takes", async () => {
    const { status, json } = await web.onSite("POST", "/config/publishingcredentials/list");
    const { user, password } = web.spec.publishing;
    expect(status).toBe(200);
    expect(json.properties).toMatchObject({
      publishingUserName: user,
      publishingPassword: password,
      scmUri: `https://%24${web.siteName}:${password}@localhost:${web.spec.scmPort}`,
    });
  });

  it("are in the publish profile, of the SCM host", async () => {
    const { status, headers, text } = await web.onSite("POST", "/publishxml", { format: "WebDeploy" });
    const { user, password } = web.spec.publishing;
    expect([status, headers["content-type"]]).toEqual([200, "application/xml"]);
    expect(text).toMatch(/^<publishData><publishProfile .*<\/publishProfile><\/publishData>$/);
    expect(text).toContain(
      `publishUrl="localhost:${web.spec.scmPort}" userName="${user}" userPWD="${password}"`,
    );
  });

  it("are in force as the policies say, for ftp and scm apart", async () => {
    const policies = "/basicPublishingCredentialsPolicies";
    const { json } = await web.onSite("PUT", `${policies}/scm`, { properties: { allow: false } });
    expect(json).toMatchObject({
      id: `${web.siteId}${policies}/scm`,
      name: "scm",
      type: "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
      properties: { allow: false },
    });
    expect(web.spec.publishing.basicAuthAllowed).toBe(false);
    expect((await web.onSite("GET", `${policies}/ftp`)).json.properties).toEqual({ allow: true });
    await web.onSite("PUT", `${policies}/ftp`, { properties: { allow: false } });
    const all = (await web.onSite("GET", policies)).json.value;
    expect(all.map((policy: { properties: object }) => policy.properties)).toEqual([
      { allow: false },
      { allow: false },
    ]);
    expect(webErrorOf(await web.onSite("PUT", `${policies}/scm`, { properties: {} }))[0]).toBe(400);
  });
});

it.each(["pushsettings/list", "backup"])("config/%s is refused by its name", async (name) => {
  const [status, code, message] = armErrorOf(await web.onSite("POST", `/config/${name}`));
  expect([status, code]).toEqual([404, "InvalidResourceType"]);
  expect(message).toContain(`'sites/config/${name}'`);
});
