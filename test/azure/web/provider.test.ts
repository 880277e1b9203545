import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finished } from "../local-azure.ts";
import { armErrorOf, image, location, WebApps } from "./web-apps.ts";

let directory: string;
let web: WebApps;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "web-"));
  web = new WebApps();
  await web.start(directory);
  await web.newGroup();
});
afterEach(async () => {
  await web.local.dispose();
  await rm(directory, { recursive: true, force: true });
});

describe("over a restart of the process", () => {
  it("every app comes back as it was, on its ports", async () => {
    await web.putBoth({ siteConfig: { linuxFxVersion: image, appSettings: [{ name: "A", value: "b" }] } });
    await web.onSite("POST", "/stop");
    const before = web.spec;
    const answer = (await web.onSite("GET", "")).json;
    await web.local.azure.close();
    expect(web.runtime.calls.at(-1)).toBe("stop");
    const { group } = web;
    const again = new WebApps();
    await again.start(directory);
    expect([...again.runtime.specs.values()]).toEqual([before]);
    expect((await again.arm("GET", `${group}/providers/Microsoft.Web/sites/${before.name}`)).json).toEqual(
      answer,
    );
    // The one that afterEach ends; a second close of the first does nothing.
    web = again;
  });
});

describe("deleting a group", () => {
  it("removes its apps and then its plans", async () => {
    await web.putBoth();
    await finished(web.local, await web.arm("DELETE", web.group));
    expect(web.runtime.calls.at(-1)).toBe(`remove ${web.siteName}`);
    expect((await web.arm("GET", web.group)).status).toBe(404);
  });

  it("fails while an app of another group is on its plan", async () => {
    await web.putPlan();
    const { planId, group } = web;
    await web.newGroup();
    await web.putSite({ serverFarmId: planId });
    const end = await finished(web.local, await web.arm("DELETE", group));
    expect(armErrorOf(end).slice(0, 2)).toEqual([409, "ResourceGroupDeletionBlocked"]);
    expect((await web.arm("GET", planId)).status).toBe(200);
  });
});

it("two apps of one name at once: one is made, the other refused", async () => {
  await web.putPlan();
  const { planId, group } = web;
  await web.newGroup();
  const paths = [group, web.group].map((in_) => `${in_}/providers/Microsoft.Web/sites/same-name`);
  const answers = await Promise.all(
    paths.map((path) => web.arm("PUT", path, { location, properties: { serverFarmId: planId } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

it("the namespace describes its types", async () => {
  const { json } = await web.arm("GET", `${web.group.split("/resourceGroups")[0]}/providers/Microsoft.Web`);
  const types = json.resourceTypes.map((type: { resourceType: string }) => type.resourceType);
  expect(types).toEqual(expect.arrayContaining(["sites", "serverFarms"]));
});
