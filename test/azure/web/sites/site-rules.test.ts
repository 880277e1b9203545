import { beforeEach, describe, expect, it } from "vitest";
import { armErrorOf, image, location, webApps, webErrorOf } from "../web-apps.ts";

const web = webApps();

const groupName = () => web.group.split("/").at(-1);

describe("what an app cannot be", () => {
  beforeEach(() => web.putPlan());

  it("named as another one, in whatever group and case", async () => {
    await web.putSite();
    const plan = web.planId;
    const name = web.siteName.toUpperCase();
    await web.newGroup();
    const answer = await web.arm("PUT", `${web.group}/providers/Microsoft.Web/sites/${name}`, {
      location,
      properties: { serverFarmId: plan },
    });
    expect(webErrorOf(answer)).toEqual([409, "Conflict", `Website with given name ${name} already exists.`]);
  });

  it.each(["a", "-app", "app-", "my_app", "a".repeat(61)])("named %s", async (name) => {
    const answer = await web.arm("PUT", `${web.group}/providers/Microsoft.Web/sites/${name}`, {
      location,
      properties: { serverFarmId: web.planId },
    });
    expect(webErrorOf(answer)).toEqual([400, "BadRequest", "The parameter Name has an invalid value."]);
  });

  it("on a plan that is not there, or is in another location", async () => {
    const missing = await web.putSite({ serverFarmId: web.planId.replace(/plan$/, "pbi") });
    expect(webErrorOf(missing)).toEqual([404, "NotFound", "Cannot find ServerFarm with name pbi."]);
    const elsewhere = await web.putSite({}, { location: "eastus" });
    expect(webErrorOf(elsewhere)).toEqual([404, "NotFound", "Cannot find ServerFarm with name plan."]);
    expect((await web.onSite("GET", "")).status).toBe(404);
  });

  it("without a location or a plan, or in another location than before", async () => {
    const nowhere = await web.arm("PUT", web.siteId, { properties: { serverFarmId: web.planId } });
    expect(armErrorOf(nowhere)[1]).toBe("LocationRequired");
    expect(armErrorOf(await web.putSite({ serverFarmId: null }))[2]).toContain("serverFarmId");
    await web.putSite();
    expect(armErrorOf(await web.putSite({}, { location: "eastus" })).slice(0, 2)).toEqual([
      409,
      "InvalidResourceLocation",
    ]);
  });

  it("a Linux container on a plan that is not Linux", async () => {
    const windows = web.planId.replace(/plan$/, "windows");
    await web.arm("PUT", windows, { location, sku: { name: "B1" } });
    const answer = await web.putSite({ serverFarmId: windows, siteConfig: { linuxFxVersion: image } });
    expect(webErrorOf(answer)).toEqual([
      400,
      "BadRequest",
      "The parameter LinuxFxVersion has an invalid value.",
    ]);
    expect(armErrorOf(await web.putSite({ serverFarmId: windows }))[2]).toContain("reserved: true");
  });

  it("always on on a Free plan", async () => {
    await web.putPlan({ name: "F1" });
    expect(webErrorOf(await web.putSite({ siteConfig: { alwaysOn: true } }))).toEqual([
      409,
      "Conflict",
      "There was a conflict. AlwaysOn cannot be set for this site as the plan does not allow it. For more information on pricing and features, please see: https://aka.ms/appservicepricingdetails",
    ]);
  });

  it("a function app", async () => {
    expect(armErrorOf(await web.putSite({}, { kind: "functionapp,linux" }))[2]).toContain("'functionapp'");
    expect((await web.putSite({}, { kind: "app,linux,container" })).status).toBe(200);
  });

  it("found when it is not there", async () => {
    const missing = [
      404,
      "ResourceNotFound",
      `The Resource 'Microsoft.Web/sites/${web.siteName}' under resource group '${groupName()}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    ];
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["GET", "/config/web"],
      ["POST", "/config/appsettings/list"],
      ["POST", "/restart"],
    ] as const) {
      expect(
        armErrorOf(await web.onSite(method, path, method === "PATCH" ? { properties: {} } : undefined)),
      ).toEqual(missing);
    }
    const child = await web.onSite("PUT", "/config/appsettings", { properties: {} });
    expect(armErrorOf(child)).toEqual([
      404,
      "ParentResourceNotFound",
      `Failed to perform 'write' on resource(s) of type 'sites/config', because the parent resource '${web.siteId}' could not be found.`,
    ]);
  });
});

it("a refused write leaves the app as it was", async () => {
  await web.putBoth();
  const before = (await web.onSite("GET", "")).text;
  const calls = web.runtime.calls.length;
  await web.putSite({ httpsOnly: true, siteConfig: { alwaysOn: true, minTlsVersion: "0.9" } });
  expect((await web.onSite("GET", "")).text).toBe(before);
  expect(web.runtime.calls).toHaveLength(calls);
});
