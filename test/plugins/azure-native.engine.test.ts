import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Authorization from "@pulumi/azure-native/authorization/index.js";
import type * as ContainerRegistry from "@pulumi/azure-native/containerregistry/index.js";
import type * as Resources from "@pulumi/azure-native/resources/index.js";
import type * as Web from "@pulumi/azure-native/web/index.js";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subscriptionId } from "../azure/local-azure.ts";
import { WebApps } from "../azure/web/web-apps.ts";
import { createTestStack, type Json, type TestStack } from "./stack.ts";

const load = createRequire(import.meta.url);
const authorization: typeof Authorization = load("@pulumi/azure-native/authorization");
const containerregistry: typeof ContainerRegistry = load("@pulumi/azure-native/containerregistry");
const resources: typeof Resources = load("@pulumi/azure-native/resources");
const web: typeof Web = load("@pulumi/azure-native/web");

const image = "DOCKER|localhost:5000/scoring@sha256:0123";
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-providers`;
const site = `${group}/providers/Microsoft.Web/sites/app-providers`;

/** What the tests change between operations. */
const settings = {
  appName: "app-providers",
  sku: "B1",
  tags: { team: "ml" } as Record<string, string>,
  location: "westeurope",
  appSetting: "one",
};

/** Resources whose change shows in an operation's events, by kind of step. */
type Steps = Record<string, string[]>;

let apps: WebApps;
let run: TestStack;

beforeAll(async () => {
  apps = new WebApps();
  await apps.start();
  const { azure, ca } = apps.local;
  run = await createTestStack({ azure: { ...azure.access, ca } });
  run.program = program;
});
afterAll(async () => {
  await run?.dispose();
  await apps?.local.dispose();
});

async function program() {
  const { location, sku, tags, appSetting } = settings;
  const group = new resources.ResourceGroup("group", { resourceGroupName: "rg-providers", location, tags });
  const resourceGroupName = group.name;
  const plan = new web.AppServicePlan("plan", {
    resourceGroupName,
    kind: "linux",
    reserved: true,
    sku: { name: sku, capacity: 1 },
  });
  const registry = new containerregistry.Registry("registry", {
    resourceGroupName,
    sku: { name: "Basic" },
    adminUserEnabled: true,
  });
  const registryName = pulumi.all([registry.name, registry.loginServer]).apply(([name]) => name);
  const listed = containerregistry.listRegistryCredentialsOutput({ resourceGroupName, registryName });
  const password = pulumi.secret(listed).apply(({ passwords }) => passwords?.[0]?.value ?? "");
  const app = new web.WebApp("app", {
    resourceGroupName,
    name: settings.appName,
    kind: "app,linux,container",
    reserved: true,
    serverFarmId: plan.id,
    siteConfig: {
      linuxFxVersion: image,
      // The switch that config/logs turns on: left out, Azure's answer would differ from what was asked.
      httpLoggingEnabled: true,
      appSettings: [
        { name: "DOCKER_REGISTRY_SERVER_PASSWORD", value: password },
        { name: "SETTING", value: appSetting },
      ],
    },
  });
  new web.WebAppDiagnosticLogsConfiguration("logs", {
    resourceGroupName,
    name: app.name,
    httpLogs: { fileSystem: { enabled: true, retentionInMb: 35, retentionInDays: 3 } },
  });
  new web.WebAppFtpAllowed("ftp", { resourceGroupName, name: app.name, allow: false });
  new web.WebAppScmAllowed("scm", { resourceGroupName, name: app.name, allow: false });
  const client = await authorization.getClientConfig();
  const { token } = await authorization.getClientToken();
  return {
    planName: plan.name,
    host: app.defaultHostName,
    subscription: client.subscriptionId,
    isToken: token.split(".").length === 3,
    password,
    login: registry.loginServer,
  };
}

/** Steps that an operation planned or made, without those that change nothing. */
function collectSteps(steps: Steps) {
  return (event: { resourcePreEvent?: { metadata: { op: string; urn: string; detailedDiff?: object } } }) => {
    const { op, urn, detailedDiff } = event.resourcePreEvent?.metadata ?? { op: "same", urn: "" };
    if (op === "same" || op === "read" || urn.includes("::pulumi:")) return;
    const name = urn.split("::").at(-1)!;
    steps[`${op} ${name}`] = Object.keys(detailedDiff ?? {});
  };
}

async function preview(): Promise<Steps> {
  const steps: Steps = {};
  await run.stack.preview({ onEvent: collectSteps(steps) });
  return steps;
}

describe("a stack on local Azure", () => {
  test("first preview: everything is to be created, nothing is", async () => {
    const steps = await preview();
    expect(Object.keys(steps).toSorted()).toEqual(
      ["app", "ftp", "group", "logs", "plan", "registry", "scm"].map((name) => `create ${name}`),
    );
    expect((await apps.arm("GET", group)).status).toBe(404);
  });

  test("create: generated names, auto-location, functions, exact state in Azure", async () => {
    const { outputs } = await run.stack.up();
    expect(outputs.planName?.value).toMatch(/^plan[0-9a-f]{8}$/);
    expect(outputs.host?.value).toMatch(/^localhost:\d+$/);
    expect(outputs.subscription?.value).toBe(subscriptionId);
    expect(outputs.isToken?.value).toBe(true);
    expect(outputs.password).toEqual({ value: expect.stringMatching(/.{20,}/), secret: true });
    expect(apps.runtime.specs.get("app-providers")?.appSettings).toMatchObject({
      SETTING: "one",
      DOCKER_REGISTRY_SERVER_PASSWORD: outputs.password?.value,
    });
    const plan = await run.resource("plan");
    expect(plan.inputs).toMatchObject({ location: "westeurope", azureApiVersion: "2025-05-01" });
  });

  test("the state holds the secret encrypted only, where the inputs had it", async () => {
    const { outputs } = await run.stack.up();
    const state = await readFile(join(run.workDirectory, ".pulumi/stacks/providers/test.json"), "utf8");
    expect(state).toContain("app-providers");
    expect(state).not.toContain(outputs.password?.value);
  });

  test("second preview and refresh: no change", async () => {
    expect(await preview()).toEqual({});
    await run.stack.refresh();
    expect(await preview()).toEqual({});
  });

  test("every resource's outputs have its id", async () => {
    const { deployment } = await run.stack.exportStack();
    const resources = (deployment.resources as Json[]).filter(({ type }) => type.startsWith("azure-native:"));
    expect(resources).toHaveLength(7);
    for (const { id, outputs } of resources) expect(outputs.id).toBe(id);
  });

  test("a stack that an older stand-in made shows no change, in preview, refresh and the preview after it", async () => {
    const exported = await run.stack.exportStack();
    for (const { type, outputs } of exported.deployment.resources as Json[]) {
      if (!type.startsWith("azure-native:")) continue;
      delete outputs.id;
      if (type !== "azure-native:web:WebApp") continue;
      outputs.sku = "Basic";
      for (const state of outputs.hostNameSslStates) state.ipBasedSslState = "NotConfigured";
    }
    await run.stack.importStack(exported);
    expect(await preview()).toEqual({});
    const { summary } = await run.stack.refresh();
    expect(summary.resourceChanges).toEqual({ same: 8 });
    expect((await run.resource("plan")).outputs.id).toContain("/serverfarms/");
    expect(await preview()).toEqual({});
  });

  test("a changed SKU updates the plan alone, in place", async () => {
    settings.sku = "B2";
    expect(await preview()).toEqual({ "update plan": ["sku.name"] });
    const { summary } = await run.stack.up();
    expect(summary.resourceChanges).toMatchObject({ update: 1, same: 7 });
    const { outputs } = await run.resource("plan");
    expect(outputs.sku.name).toBe("B2");
  });

  test("a changed app setting updates the app in place, and Azure has it", async () => {
    settings.appSetting = "two";
    expect(await preview()).toEqual({ "update app": ["siteConfig.appSettings[1].value"] });
    await run.stack.up();
    expect(apps.runtime.specs.get("app-providers")?.appSettings.SETTING).toBe("two");
  });

  test("a tag changed in Azure appears in refresh as that property, and the next update undoes it", async () => {
    await apps.arm("PATCH", group, { tags: { team: "other" } });
    const shown: Record<string, string[]> = {};
    await run.stack.previewRefresh({
      onEvent({ resOutputsEvent }) {
        const { op, urn, detailedDiff } = resOutputsEvent?.metadata ?? { op: "refresh", urn: "" };
        if (op !== "same" && op !== "refresh")
          shown[`${op} ${urn.split("::").at(-1)}`] = Object.keys(detailedDiff ?? {});
      },
    });
    expect(shown).toEqual({ "update group": ["tags.team"] });
    await run.stack.refresh();
    expect((await run.resource("group")).inputs.tags).toEqual({ team: "other" });
    expect(await preview()).toEqual({ "update group": ["tags.team"] });
    await run.stack.up();
    expect((await apps.arm("GET", group)).json.tags).toEqual({ team: "ml" });
  });

  test("an app deleted in Azure is dropped by refresh and created by the next update", async () => {
    expect(
      (await apps.arm("DELETE", `${site}?api-version=2025-05-01&deleteEmptyServerFarm=false`)).status,
    ).toBe(200);
    const refreshed = await run.stack.refresh();
    expect(refreshed.summary.resourceChanges).toMatchObject({ delete: 4 });
    const { summary } = await run.stack.up();
    expect(summary.resourceChanges).toMatchObject({ create: 4 });
    expect((await apps.arm("GET", site)).status).toBe(200);
  });

  test("Ctrl-C lets the running operation finish, and records it", async () => {
    settings.appSetting = "three";
    const controller = new AbortController();
    const { runtime } = apps;
    const apply = runtime.apply;
    const cancelled = Promise.withResolvers<void>();
    runtime.apply = async (spec) => {
      runtime.apply = apply;
      controller.abort();
      // Azure answers when the engine has taken the signal, and no sooner.
      await cancelled.promise;
      await apply.call(runtime, spec);
    };
    const update = run.stack.up({
      signal: controller.signal,
      onOutput: (text) => text.includes("^C received") && cancelled.resolve(),
      onError: (text) => text.includes("^C received") && cancelled.resolve(),
    });
    await expect(update).rejects.toThrow("update canceled");
    expect(JSON.stringify((await run.resource("app")).inputs)).toContain("three");
    expect(await preview()).toEqual({});
  });

  test("a new name of an app replaces it, the old one first, and what hangs on it", async () => {
    settings.appName = "app-renamed";
    const steps = await preview();
    expect(Object.keys(steps).toSorted()).toEqual(
      ["app", "ftp", "logs", "scm"]
        .flatMap((name) => ["create-replacement", "delete-replaced", "replace"].map((op) => `${op} ${name}`))
        .toSorted(),
    );
    expect(steps["replace app"]).toEqual(["name"]);
    settings.appName = "app-providers";
  });

  test("what exists can be read, and imported without a difference", async () => {
    const existing = `/subscriptions/${subscriptionId}/resourceGroups/rg-existing`;
    await apps.arm("PUT", existing, { location: "northeurope", tags: { kept: "yes" } });
    run.program = async () => {
      const outputs = await program();
      const read = resources.ResourceGroup.get("read", existing);
      const args = { resourceGroupName: "rg-existing", location: "northeurope", tags: { kept: "yes" } };
      new resources.ResourceGroup("imported", args, { import: existing, retainOnDelete: true });
      return { ...outputs, tags: read.tags };
    };
    const { outputs, summary } = await run.stack.up();
    expect(outputs.tags?.value).toEqual({ kept: "yes" });
    expect(summary.resourceChanges).toMatchObject({ import: 1 });
    run.program = program;
    await run.stack.up();
    expect((await apps.arm("GET", existing)).status).toBe(200);
  });

  test("what exists already is refused", async () => {
    const taken = `${group}/providers/Microsoft.ContainerRegistry/registries/takenregistry`;
    await apps.arm("PUT", taken, { location: "westeurope", sku: { name: "Basic" } });
    run.program = async () => {
      await program();
      new containerregistry.Registry("taken", {
        resourceGroupName: "rg-providers",
        registryName: "takenregistry",
        sku: { name: "Basic" },
      });
    };
    await expect(run.stack.up()).rejects.toThrow(`cannot create already existing resource '${taken}'`);
    run.program = program;
    await run.stack.up();
  });

  test("destroy removes everything", async () => {
    await run.stack.destroy();
    expect((await apps.arm("GET", group)).status).toBe(404);
    expect(apps.runtime.specs.size).toBe(0);
  });
});
