import { describe, expect, it } from "vitest";
import { subscription } from "../../local-azure.ts";
import { armErrorOf, image, location, webApps, webErrorOf } from "../web-apps.ts";

const web = webApps();

const base = () => `${web.group}/providers/Microsoft.Web/serverfarms`;

describe("plans", () => {
  it("are created with 200, their SKU and kind normalized", async () => {
    const { status, json } = await web.arm("PUT", web.planId, {
      location: "westeurope",
      tags: { team: "ml" },
      sku: { name: "B1", tier: "BASIC", capacity: 1 },
      properties: { perSiteScaling: false, reserved: true, isXenon: false, zoneRedundant: false },
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: web.planId,
      name: "plan",
      type: "Microsoft.Web/serverfarms",
      kind: "linux",
      location: "westeurope",
      tags: { team: "ml" },
      sku: { name: "B1", tier: "Basic", size: "B1", family: "B", capacity: 1 },
      properties: {
        maximumNumberOfWorkers: 0,
        sku: { name: "B1" },
        reserved: true,
        provisioningState: "Succeeded",
      },
    });
  });

  it("are read with the location's display name, the most instances and the number of apps", async () => {
    await web.putBoth();
    const { status, json } = await web.arm("GET", web.planId);
    expect(status).toBe(200);
    expect(json.location).toBe("West Europe");
    expect(json.properties).not.toHaveProperty("sku");
    expect(json.properties).toMatchObject({
      serverFarmId: expect.any(Number),
      status: "Ready",
      maximumNumberOfWorkers: 3,
      numberOfSites: 1,
      geoRegion: "West Europe",
      webSpace: `${web.group.split("/").at(-1)}-WestEuropewebspace-Linux`,
    });
  });

  it("that are not Linux are kept as such", async () => {
    const { json } = await web.putPlan({ name: "B1" }, {});
    expect([json.kind, json.properties.reserved]).toEqual(["app", false]);
  });

  it("keep SKU and number when a PUT names none, and lose tags that it does not name", async () => {
    const first = await web.arm("PUT", web.planId, {
      location,
      tags: { a: "b" },
      sku: { name: "S1" },
      properties: { reserved: true },
    });
    const second = await web.arm("PUT", web.planId, { location, properties: {} });
    expect(second.json.sku.name).toBe("S1");
    expect(second.json.properties.serverFarmId).toBe(first.json.properties.serverFarmId);
    expect(second.json).not.toHaveProperty("tags");
  });

  it("are patched member by member", async () => {
    await web.putPlan();
    const { status, json } = await web.arm("PATCH", web.planId, { tags: { a: "b" }, sku: { name: "B2" } });
    expect([status, json.tags, json.sku.name, json.properties.reserved]).toEqual([
      200,
      { a: "b" },
      "B2",
      true,
    ]);
  });

  it.each([{ capacity: 2 }, { Capacity: 2, name: null }])(
    "are scaled by a PATCH of %j alone",
    async (sku) => {
      await web.putPlan({ name: "B2" });
      const { status, json } = await web.arm("PATCH", web.planId, { sku });
      expect([status, json.sku]).toEqual([
        200,
        { name: "B2", tier: "Basic", size: "B2", family: "B", capacity: 2 },
      ]);
      expect((await web.arm("GET", web.planId)).json.properties.numberOfWorkers).toBe(2);
      expect((await web.arm("PATCH", web.planId, { sku: { name: "S1" } })).json.sku).toMatchObject({
        name: "S1",
        capacity: 2,
      });
      const tooMany = await web.arm("PATCH", web.planId, { sku: { capacity: 11 } });
      expect(webErrorOf(tooMany).slice(0, 2)).toEqual([409, "Conflict"]);
    },
  );

  it("do not move to another location by a PATCH, and neither do sites", async () => {
    await web.putBoth();
    for (const id of [web.planId, web.siteId]) {
      const patch = (given: string) => web.arm("PATCH", id, { location: given, tags: { moved: "no" } });
      expect(armErrorOf(await patch("northeurope")).slice(0, 2)).toEqual([409, "InvalidResourceLocation"]);
      expect(armErrorOf(await patch("mars"))[1]).toBe("LocationNotAvailableForResourceType");
      expect((await web.arm("GET", id)).json).not.toHaveProperty("tags");
      expect((await patch("West Europe")).status).toBe(200);
    }
  });

  it("can be sent back as they were read", async () => {
    await web.putBoth();
    const { json } = await web.arm("GET", web.planId);
    expect((await web.arm("PUT", web.planId, json)).status).toBe(200);
  });

  it("tell their apps' containers of another SKU", async () => {
    await web.putBoth();
    await web.putPlan({ name: "B2" });
    expect(web.spec.sku.name).toBe("B2");
    await web.putPlan({ name: "P1v2" });
    expect(web.spec.sku).toEqual({ name: "P1v2", tier: "PremiumV2", computeMode: "Dedicated" });
  });

  it("are listed by group and by subscription, with their apps", async () => {
    await web.putBoth();
    for (const path of [
      base(),
      `${subscription}/providers/Microsoft.Web/serverfarms?detailed=true&api-version=2023-01-01`,
    ]) {
      const { json } = await web.arm("GET", path);
      expect([json.nextLink, json.id]).toEqual([null, null]);
      expect(json.value.map((plan: { id: string }) => plan.id)).toContain(web.planId);
    }
    const { json } = await web.arm("GET", `${web.planId}/sites`);
    expect(json.value.map((site: { id: string }) => site.id)).toEqual([web.siteId]);
  });

  it("show their sites all or not at all: a filter is refused", async () => {
    await web.putBoth();
    const query = "?$filter=state%20eq%20stopped&api-version=2023-01-01";
    const answer = await web.arm("GET", `${web.planId}/sites${query}`);
    expect(armErrorOf(answer).slice(0, 2)).toEqual([400, "NotSupported"]);
  });

  it("are found whatever the case of their path", async () => {
    await web.putPlan();
    expect((await web.arm("GET", web.planId.toUpperCase())).json.id).toBe(web.planId);
  });
});

describe("what a plan cannot be", () => {
  it("of an unknown SKU", async () => {
    expect(webErrorOf(await web.putPlan({ name: "B9" }))).toEqual([
      400,
      "BadRequest",
      "The parameter SKU.Name has an invalid value.",
    ]);
  });

  it.each(["P1", "I1v2", "Y1", "FC1", "EP1", "WS1", "PC2"])("of %s, which Azure has", async (name) => {
    const refusal = `Local Azure does not emulate 'sku.name' ${name}: plans are Free, Shared, Basic, Standard or Premium v2 to v4.`;
    const expected = [400, "NotSupported", refusal];
    expect(armErrorOf(await web.putPlan({ name, capacity: 1 }))).toEqual(expected);
    const properties = { skuName: name, needLinuxWorkers: true };
    const validation = await web.arm("POST", `${web.group}/providers/Microsoft.Web/validate`, {
      ...{ name: "plan", type: "ServerFarm", location, properties },
    });
    expect(armErrorOf(validation)).toEqual(expected);
  });

  it("of more instances than its tier has", async () => {
    expect(webErrorOf(await web.putPlan({ name: "B1", capacity: 4 }))).toEqual([
      409,
      "Conflict",
      "Number of Web workers exceeds the maximum allowed for the hosting plan.",
    ]);
  });

  it("elsewhere than it is", async () => {
    await web.putPlan();
    const answer = await web.arm("PUT", web.planId, {
      location: "eastus",
      sku: { name: "B1" },
      properties: {},
    });
    expect(armErrorOf(answer).slice(0, 2)).toEqual([409, "InvalidResourceLocation"]);
  });

  it("without a location, or with a name of other characters", async () => {
    const nowhere = await web.arm("PUT", web.planId, { sku: { name: "B1" } });
    expect(armErrorOf(nowhere).slice(0, 2)).toEqual([400, "LocationRequired"]);
    const misnamed = await web.arm("PUT", `${base()}/my_plan`, { location, sku: { name: "B1" } });
    expect(webErrorOf(misnamed)[0]).toBe(400);
  });

  it("of another operating system later", async () => {
    await web.putPlan();
    const answer = await web.putPlan({ name: "B1" }, { reserved: false });
    expect(armErrorOf(answer)[2]).toMatch(/reserved.*make another plan/);
  });

  it("Free while an app on it is always on", async () => {
    await web.putPlan();
    await web.putSite({ siteConfig: { linuxFxVersion: image, alwaysOn: true } });
    expect(webErrorOf(await web.putPlan({ name: "F1" }))).toEqual([
      409,
      "Conflict",
      `Cannot update the site '${web.siteName}' because it uses AlwaysOn feature which is not allowed in the target compute mode.`,
    ]);
    expect((await web.arm("GET", web.planId)).json.sku.name).toBe("B1");
  });

  it("deleted while apps are on it", async () => {
    await web.putBoth();
    const answer = await web.arm("DELETE", web.planId);
    const message = `Server farm 'plan' cannot be deleted because it has web app(s) ${web.siteName} assigned to it.`;
    expect(webErrorOf(answer)).toEqual([409, "Conflict", message]);
    expect(answer.json.Details[2].ErrorEntity).toEqual({
      Code: "Conflict",
      ExtendedCode: "11003",
      Message: message,
      MessageTemplate: "Server farm '{0}' cannot be deleted because it has web app(s) {1} assigned to it.",
      Parameters: ["plan", web.siteName],
    });
  });

  it("found when it is not there", async () => {
    const missing = [
      404,
      "ResourceNotFound",
      `The Resource 'Microsoft.Web/serverfarms/plan' under resource group '${web.group.split("/").at(-1)}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    ];
    expect(armErrorOf(await web.arm("GET", web.planId))).toEqual(missing);
    expect(armErrorOf(await web.arm("PATCH", web.planId, { tags: {} }))).toEqual(missing);
    expect((await web.arm("DELETE", web.planId)).status).toBe(204);
  });
});

it("an empty plan is deleted with 200", async () => {
  await web.putPlan();
  expect((await web.arm("DELETE", web.planId)).status).toBe(200);
  expect((await web.arm("GET", web.planId)).status).toBe(404);
});
