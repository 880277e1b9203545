import { beforeEach, describe, expect, it } from "vitest";
import { subscription } from "../../local-azure.ts";
import { armErrorOf, location, webAppsWithSite, webErrorOf } from "../web-apps.ts";

const web = webAppsWithSite();
beforeEach(() => {
  web.runtime.calls.length = 0;
});

const state = async () => (await web.onSite("GET", "")).json.properties.state;

describe("stop, start, restart", () => {
  it("answer 200 without a body, and keep the state over other writes", async () => {
    const stopped = await web.onSite("POST", "/stop");
    expect([stopped.status, stopped.text, await state(), web.spec.enabled]).toEqual([
      200,
      "",
      "Stopped",
      false,
    ]);
    await web.onSite("PUT", "/config/appsettings", { properties: { A: "b" } });
    expect(web.spec).toMatchObject({ enabled: false, appSettings: { A: "b" } });
    const started = await web.onSite("POST", "/start");
    expect([started.status, started.text, await state(), web.spec.enabled]).toEqual([
      200,
      "",
      "Running",
      true,
    ]);
  });

  it("restart makes a new container, unless the app is stopped", async () => {
    expect((await web.onSite("POST", "/restart?softRestart=true&api-version=2023-01-01")).status).toBe(200);
    expect(web.runtime.calls).toEqual([`restart ${web.siteName}`]);
    await web.onSite("POST", "/stop");
    web.runtime.calls.length = 0;
    expect((await web.onSite("POST", "/restart")).status).toBe(200);
    expect(web.runtime.calls).toEqual([]);
  });

  it("restart that shall answer when it is done is refused, and nothing restarts", async () => {
    const answer = await web.onSite("POST", "/restart?synchronous=true&api-version=2023-01-01");
    expect(armErrorOf(answer).slice(0, 2)).toEqual([400, "NotSupported"]);
    const neither = await web.onSite("POST", "/restart?synchronous=nonsense&api-version=2023-01-01");
    expect(webErrorOf(neither)[0]).toBe(400);
    expect(web.runtime.calls).toEqual([]);
  });
});

it("HEAD says that the app is there, and nothing of it", async () => {
  expect(await web.onSite("HEAD", "")).toMatchObject({ status: 204, text: "" });
});

it("containerlogs gives the last lines as bytes, or 204 when there are none", async () => {
  expect((await web.onSite("POST", "/containerlogs")).status).toBe(204);
  web.runtime.lines.set(web.siteName, "2026-01-01T00:00:00.000Z INFO  - Starting container for site\n");
  const { status, headers, text } = await web.onSite("POST", "/containerlogs");
  expect([status, headers["content-type"]]).toEqual([200, "application/octet-stream"]);
  expect(text).toBe("2026-01-01T00:00:00.000Z INFO  - Starting container for site\n");
});

it("the default host is the only host name binding", async () => {
  const host = `localhost:${web.spec.port}`;
  const { json } = await web.onSite("GET", "/hostNameBindings");
  expect(json.value).toMatchObject([
    {
      name: `${web.siteName}/${host}`,
      type: "Microsoft.Web/sites/hostNameBindings",
      properties: { hostNameType: "Verified" },
    },
  ]);
});

it("there are no deployments", async () => {
  expect((await web.onSite("GET", "/deployments")).json.value).toEqual([]);
});

describe("checknameavailability", () => {
  const check = (body: object) =>
    web.arm("POST", `${subscription}/providers/Microsoft.Web/checknameavailability`, body);

  it.each(["Site", "Microsoft.Web/sites"])("tells free names from taken ones, for type %s", async (type) => {
    expect((await check({ name: "free-name", type })).json).toEqual({
      nameAvailable: true,
      reason: "",
      message: "",
    });
    expect((await check({ name: web.siteName.toUpperCase(), type })).json).toEqual({
      nameAvailable: false,
      reason: "AlreadyExists",
      message: `Hostname '${web.siteName.toUpperCase()}' already exists. Please select a different name.`,
    });
    expect((await check({ name: "-x", type })).json).toMatchObject({
      nameAvailable: false,
      reason: "Invalid",
    });
  });

  it("refuses other types, and full host names", async () => {
    expect(armErrorOf(await check({ name: "x", type: "Slot" }))[1]).toBe("NotSupported");
    expect(armErrorOf(await check({ name: "x.y", type: "Site", isFqdn: true }))[2]).toContain("'isFqdn'");
    expect(armErrorOf(await check({ type: "Site" }))[0]).toBe(400);
  });
});

describe("validate", () => {
  const validate = (type: string, properties: object) =>
    web.arm("POST", `${web.group}/providers/Microsoft.Web/validate`, {
      name: "x",
      type,
      location,
      properties,
    });

  it("says whether a plan or an app would be taken", async () => {
    const success = { status: "Success", error: null };
    const plan = { needLinuxWorkers: true, capacity: 1 };
    expect((await validate("ServerFarm", { ...plan, skuName: "B1" })).json).toEqual(success);
    expect((await validate("ServerFarm", { ...plan, skuName: "D1" })).json).toMatchObject({
      status: "Failure",
      error: { message: "The parameter SKU.Name has an invalid value." },
    });
    expect((await validate("Site", { serverFarmId: web.planId })).json).toEqual(success);
    expect((await validate("Site", { serverFarmId: "/none" })).json).toMatchObject({ status: "Failure" });
    expect(armErrorOf(await validate("HostingEnvironment", {}))[1]).toBe("NotSupported");
  });

  it("takes all that the specification has where it asks for nothing, and says why it refuses the rest", async () => {
    const plan = { skuName: "B1", needLinuxWorkers: true };
    const nothing = { isSpot: false, isXenon: false, containerImageTag: null, hostingEnvironment: "" };
    expect((await validate("ServerFarm", { ...plan, ...nothing })).status).toBe(200);
    const image = { containerRegistryBaseUrl: "https://registry.example", containerImageTag: "1" };
    expect(armErrorOf(await validate("Site", { serverFarmId: web.planId, ...image }))[2]).toBe(
      "Local Azure does not emulate 'properties.containerRegistryBaseUrl': an image is pulled when an app starts, not before.",
    );
  });
});

describe("what is not there is refused as Azure refuses it", () => {
  const unknown = [
    "PUT /slots/staging",
    "GET /instances",
    "GET /usages",
    "POST /slotsswap",
    "POST /containerlogs/zip/download",
    "GET /config/nonsense",
    "PUT /hostNameBindings/www.example.com",
    "PUT /networkConfig/virtualNetwork",
  ];
  it.each(unknown)("types and actions of an app: %s", async (line) => {
    const [method, path] = line.split(" ");
    const answer = await web.onSite(method!, path!, method === "PUT" ? { properties: {} } : undefined);
    expect(armErrorOf(answer).slice(0, 2)).toEqual([404, "InvalidResourceType"]);
  });

  it.each(["certificates/c", "staticSites/s", "hostingEnvironments/e"])(
    "top-level types: %s",
    async (path) => {
      const answer = await web.arm("PUT", `${web.group}/providers/Microsoft.Web/${path}`, { location });
      expect(armErrorOf(answer).slice(0, 2)).toEqual([404, "InvalidResourceType"]);
      expect(armErrorOf(answer)[2]).toContain(`'${path.split("/")[0]}'`);
    },
  );

  it("the list of stacks", async () => {
    expect((await web.arm("GET", "/providers/Microsoft.Web/webAppStacks")).status).toBe(404);
  });

  it.each([
    "POST ",
    "DELETE /config/web",
    "GET /restart",
    "PUT /config/appsettings/list",
    "DELETE /config/appsettings",
  ])("verbs: %s", async (line) => {
    const [method, path] = line.split(" ");
    const answer = await web.onSite(method!, path!, method === "PUT" ? {} : undefined);
    expect(armErrorOf(answer).slice(0, 2)).toEqual([405, "MethodNotAllowed"]);
  });
});
