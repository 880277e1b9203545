import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armErrorOf, webAppsWithSite, webErrorOf } from "../web-apps.ts";

const web = webAppsWithSite();

const put = (name: string, properties: unknown) => web.onSite("PUT", `/config/${name}`, { properties });
const list = async (name: string) => (await web.onSite("POST", `/config/${name}/list`)).json.properties;

describe("app settings", () => {
  it("are replaced as a whole, echoed, listed, and given to the container", async () => {
    await put("appsettings", { OLD: "1" });
    const { status, json } = await put("appsettings", { WEBSITES_PORT: "8080", "a.b_c": "" });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: `${web.siteId}/config/appsettings`,
      name: "appsettings",
      type: "Microsoft.Web/sites/config",
      location: "West Europe",
      properties: { WEBSITES_PORT: "8080", "a.b_c": "" },
    });
    expect(await list("appsettings")).toEqual({ WEBSITES_PORT: "8080", "a.b_c": "" });
    expect(web.spec.appSettings).toEqual({ WEBSITES_PORT: "8080", "a.b_c": "" });
  });

  it("keep the names that they are given, beside members in any case", async () => {
    const Properties = { Location: "b", __proto: "c", constructor: "d" };
    await web.onSite("PUT", "/config/appsettings", { Properties });
    expect(await list("appsettings")).toEqual(Properties);
    await web.onSite("PATCH", "/config/web", {
      properties: {
        AppSettings: [
          { name: "toString", value: "e" },
          { Name: "A", Value: "f" },
        ],
      },
    });
    expect(await list("appsettings")).toEqual({ toString: "e", A: "f" });
  });

  it("are in no GET, and not in clear on disk", async () => {
    await put("appsettings", { DOCKER_REGISTRY_SERVER_PASSWORD: "planted-secret" });
    await put("connectionstrings", { Db: { value: "planted-secret", type: "Custom" } });
    for (const path of ["", "/config", "/config/web", "/config/slotConfigNames", "/config/logs"]) {
      expect((await web.onSite("GET", path)).text).not.toContain("planted-secret");
    }
    const answer = await web.onSite("GET", "/config/appsettings");
    expect([answer.status, armErrorOf(answer)[1]]).toEqual([405, "MethodNotAllowed"]);
    const store = await readFile(join(web.local.directory, "store"), "latin1");
    expect(store).not.toContain("planted-secret");
    expect(web.local.logs.join("\n")).not.toContain("planted-secret");
  });

  it.each(["my-setting", "a:b", "with space", ""])("cannot be named %j", async (name) => {
    expect(webErrorOf(await put("appsettings", { [name]: "x" }))).toEqual([
      400,
      "BadRequest",
      `AppSetting with name '${name}' is not allowed.`,
    ]);
  });

  it.each([{ A: 1 }, { A: {} }, ["A"], "A"])("must be texts, not %j", async (properties) => {
    expect(webErrorOf(await put("appsettings", properties))[0]).toBe(400);
  });

  it("that are null are empty, in either place", async () => {
    await put("appsettings", { A: null });
    expect(web.spec.appSettings).toEqual({ A: "" });
    await web.putSite({ siteConfig: { appSettings: [{ name: "B", value: null }, { name: "C" }] } });
    expect(await list("appsettings")).toEqual({ B: "", C: "" });
  });

  it("cannot have a NUL character, and neither can what else the container is started with", async () => {
    const refusal = [
      400,
      "BadRequest",
      "AppSetting 'A' has a NUL character, which no environment variable can have.",
    ];
    expect(webErrorOf(await put("appsettings", { A: "b\0c" }))).toEqual(refusal);
    const appSettings = [{ name: "A", value: "\0" }];
    expect(webErrorOf(await web.putSite({ siteConfig: { appSettings } }))).toEqual(refusal);
    const db = { value: "b\0c", type: "Custom" };
    expect(webErrorOf(await put("connectionstrings", { db }))[2]).toContain("ConnectionStrings");
    const command = await put("web", { appCommandLine: "serve\0" });
    expect(webErrorOf(command)[2]).toBe("The parameter AppCommandLine has an invalid value.");
  });

  it.each([
    ["DOCKER_ENABLE_CI", "true"],
    ["WEBSITE_RUN_FROM_PACKAGE", "1"],
    ["SECRET", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)"],
  ])("that ask for what is not emulated are refused by name: %s", async (name, value) => {
    for (const answer of [
      await put("appsettings", { [name]: value }),
      await web.putSite({ siteConfig: { appSettings: [{ name, value }] } }),
    ]) {
      const [status, code, message] = armErrorOf(answer);
      expect([status, code]).toEqual([400, "NotSupported"]);
      expect(message).toContain(name);
      expect(message).not.toContain("@Microsoft");
    }
  });

  it("are refused whatever the case of their names", async () => {
    const answer = await put("appsettings", { docker_enable_ci: "true" });
    expect(armErrorOf(answer).slice(0, 2)).toEqual([400, "NotSupported"]);
  });

  it("that switch such things off are taken", async () => {
    expect((await put("appsettings", { DOCKER_ENABLE_CI: "false" })).status).toBe(200);
  });
});

describe("connection strings", () => {
  it("reach the container under their type's prefix only, from either place", async () => {
    await put("connectionstrings", { Db: { value: "x", type: "sqlazure" } });
    expect(web.spec.appSettings).toEqual({ SQLAZURECONNSTR_Db: "x" });
    expect(await list("connectionstrings")).toEqual({ Db: { value: "x", type: "SQLAzure" } });
    const connectionStrings = [{ name: "Q", connectionString: "y", type: "ServiceBus" }];
    await web.putSite({ siteConfig: { connectionStrings } });
    expect(web.spec.appSettings).toEqual({ SERVICEBUSCONNSTR_Q: "y" });
  });

  it.each([
    { Db: { value: "x", type: "Oracle" } },
    { Db: "x" },
    { Db: { type: "Custom" } },
    { "A=B": { value: "would be the value of CUSTOMCONNSTR_A", type: "Custom" } },
  ])("%j is not one", async (properties) => {
    expect(webErrorOf(await put("connectionstrings", properties))[2]).toContain("ConnectionStrings");
  });
});

describe("two names that differ in case only are the same to Azure", () => {
  const twice = (name: string) => [409, "Conflict", `Parameter with name ${name} already exists.`];

  it.each(["appsettings", "metadata"])("in config/%s", async (name) => {
    await put(name, { kept: "1" });
    expect(webErrorOf(await put(name, { Mode: "1", MODE: "2" }))).toEqual(twice("MODE"));
    expect(await list(name)).toEqual({ kept: "1" });
  });

  it("in config/connectionstrings", async () => {
    const one = { value: "x", type: "Custom" };
    expect(webErrorOf(await put("connectionstrings", { Db: one, DB: one }))).toEqual(twice("DB"));
  });

  it.each(["appSettings", "metadata"])("and so are two that do not, in siteConfig.%s", async (member) => {
    const given = ["1", "2"].map((value) => ({ name: "Mode", value }));
    const answer = await web.onSite("PATCH", "/config/web", { properties: { [member]: given } });
    expect(webErrorOf(answer)).toEqual(twice("Mode"));
  });

  it("in siteConfig.connectionStrings too", async () => {
    const connectionStrings = ["Db", "Db"].map((name) => ({ name, connectionString: "x", type: "Custom" }));
    expect(webErrorOf(await web.putSite({ siteConfig: { connectionStrings } }))).toEqual(twice("Db"));
  });
});

it("metadata is kept and listed", async () => {
  await put("metadata", { CURRENT_STACK: "node" });
  expect(await list("metadata")).toEqual({ CURRENT_STACK: "node" });
});
