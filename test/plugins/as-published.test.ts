import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { ArmClient } from "../../local/arm-client/arm-client.ts";
import { AzureNativePlugin } from "../../local/plugins/azure-native/plugin.ts";
import { resourceTypes } from "../../local/plugins/azure-native/resource-types.ts";
import { resourceSchema } from "../../local/plugins/azure-native/sdk-schema.ts";
import { dockerPlugin } from "../../local/plugins/docker/plugin.ts";
import {
  nullValue,
  type Properties,
  secret,
  unknownValue,
  type Value,
} from "../../local/plugins/property-values.ts";
import { randomPlugin } from "../../local/plugins/random/plugin.ts";
import { image, location, WebApps } from "../azure/web/web-apps.ts";

/** The stand-ins beside Pulumi's published plugins, as these were measured on this program: a test a difference. */

const engine = { status() {}, info() {}, warning() {} };

describe("azure-native", () => {
  const webApp = "azure-native:web:WebApp";
  const apps = new WebApps();
  let plugin: AzureNativePlugin;
  let resourceGroupName: string;

  beforeAll(async () => {
    await apps.start();
    await apps.newGroup();
    await apps.putBoth();
    plugin = new AzureNativePlugin({ ...apps.local.azure.access, ca: apps.local.ca }, engine);
    plugin.configure({ location });
    resourceGroupName = apps.group.split("/").at(-1)!;
  });
  afterAll(() => apps.local.dispose());

  const create = (type: string, inputs: Properties) =>
    plugin.create({
      urn: "urn",
      type,
      name: "x",
      inputs: { resourceGroupName, ...inputs },
      preview: false,
      timeout: 0,
    });

  async function read(recorded?: { inputs: Properties; outputs: Properties }) {
    const record = recorded ?? { inputs: {}, outputs: {} };
    const found = await plugin.read({ urn: "urn", type: webApp, name: "app", id: apps.siteId, ...record });
    if (!found) throw new Error("no web app");
    return found;
  }

  /** As an older stand-in recorded the app: with what Azure says beyond the SDK's shape, without `id` and user name. */
  async function olderRecord() {
    const { id: _, ...outputs } = (await read()).outputs;
    const { publishingUsername, ...siteConfig } = outputs.siteConfig as Properties;
    const states = (outputs.hostNameSslStates as Properties[]).map((state) => ({
      ...state,
      ipBasedSslState: "NotConfigured",
    }));
    return { ...outputs, sku: "Basic", siteConfig, hostNameSslStates: states };
  }

  test("every type has its ARM id among its outputs", async () => {
    for (const token of Object.keys(resourceTypes))
      expect(resourceSchema(token).outputs.has("id")).toBe(true);
    expect((await read()).outputs.id).toBe(apps.siteId);
    const { id, outputs } = await create("azure-native:web:WebAppFtpAllowed", {
      name: apps.siteName,
      allow: false,
    });
    expect(outputs.id).toBe(id);
    const preview = { urn: "urn", type: webApp, name: "x", inputs: {}, preview: true, timeout: 0 };
    expect((await plugin.create(preview)).outputs.id).toBe(unknownValue);
  });

  test("a web app's nested outputs have the SDK's shape, and there is no `sku`", async () => {
    const { json } = await apps.arm("GET", `${apps.siteId}?api-version=2025-05-01`);
    expect(json.properties).toMatchObject({
      sku: "Basic",
      hostNameSslStates: [{ ipBasedSslState: "NotConfigured" }, {}],
    });
    const { outputs } = await read();
    expect(outputs.hostNameSslStates).toContainEqual({
      name: expect.any(String),
      sslState: "Disabled",
      hostType: "Standard",
    });
    expect(outputs).not.toHaveProperty("sku");
    expect(outputs.siteConfig).toMatchObject({ linuxFxVersion: image, alwaysOn: false });
  });

  test("publishingUsername is dropped only where it is REDACTED", async () => {
    const { outputs } = await read();
    expect(outputs.siteConfig).toMatchObject({ publishingUsername: `$${apps.siteName}` });
    const { get } = ArmClient.prototype;
    const redacting = vi.spyOn(ArmClient.prototype, "get").mockImplementation(async function (
      this: ArmClient,
      call,
    ) {
      const body = await get.call(this, call);
      if (call.path.endsWith("/config/web"))
        Object.assign(body.properties as object, { publishingUsername: "REDACTED" });
      return body;
    });
    onTestFinished(() => redacting.mockRestore());
    expect((await read()).outputs.siteConfig).not.toHaveProperty("publishingUsername");
  });

  test("a stack of an older stand-in is refreshed without a change to its inputs", async () => {
    const inputs = { resourceGroupName, name: apps.siteName, siteConfig: { linuxFxVersion: image } };
    const refreshed = await read({ inputs, outputs: await olderRecord() });
    expect(refreshed.inputs).toEqual(inputs);
    expect((await read({ inputs, outputs: refreshed.outputs })).inputs).toEqual(inputs);
  });

  test("Microsoft.Web's errors are told with their whole body and no code", async () => {
    const taken = { name: apps.siteName, serverFarmId: apps.planId, location };
    await apps.newGroup();
    const other = { ...taken, resourceGroupName: apps.group.split("/").at(-1)! };
    await expect(create(webApp, other)).rejects.toThrow(
      /^Status=409 Message="\{"Code":"Conflict","Message":"Website with given name .* already exists\."/,
    );
  });

  test("errors in Resource Manager's envelope are told with code and message", async () => {
    const inputs = { name: "plan", location, sku: { name: "B1" }, resourceGroupName: "rg-none" };
    await expect(create("azure-native:web:AppServicePlan", inputs)).rejects.toThrow(
      /^Status=404 Code="ResourceGroupNotFound" Message="/,
    );
  });

  test("a function that fails names its request first", async () => {
    const registry = `${apps.group}/providers/Microsoft.ContainerRegistry/registries/locked`;
    await apps.arm("PUT", registry, { location, sku: { name: "Basic" } });
    const args = { resourceGroupName: apps.group.split("/").at(-1)!, registryName: "locked" };
    const call = plugin.invoke("azure-native:containerregistry:listRegistryCredentials", args);
    await expect(call).rejects.toThrow(
      `request failed ${registry}/listCredentials: Status=400 Code="UnAuthorizedForCredentialOperations" Message="`,
    );
  });

  test.each<[Value, string[]]>([
    ["c-1234", ["'registryName' does not match expression '^[a-zA-Z0-9]*$'"]],
    ["c1", ["'registryName' is too short (2): at least 5 characters required"]],
    ["c".repeat(51), ["'registryName' is too long (51): at most 50 characters allowed"]],
    [unknownValue, []],
    ["scoring1", []],
  ])("a registry's name is checked in a preview: %s", async (registryName, failures) => {
    const checked = await plugin.check({
      ...{ urn: "urn", type: "azure-native:containerregistry:Registry", name: "x" },
      ...{ oldInputs: {}, randomSeed: new Uint8Array() },
      inputs: { resourceGroupName: "rg", registryName, sku: { name: "Basic" } },
    });
    expect(checked.failures).toEqual(failures);
  });
});

describe("docker", () => {
  const type = "docker:index/image:Image";
  const resource = { urn: "urn", type, name: "image" };
  const inputs = {
    imageName: "localhost:5000/team/app:v1",
    build: { context: ".", dockerfile: "Dockerfile", platform: "linux/amd64" },
    registry: { server: "localhost:5000", username: "u", password: "p" },
  };
  let projectDirectory: string;

  beforeAll(async () => {
    projectDirectory = await mkdtemp(join(tmpdir(), "as-published-"));
    await writeFile(join(projectDirectory, "Dockerfile"), "FROM scratch\n");
  });
  afterAll(() => rm(projectDirectory, { recursive: true }));

  /** A daemon that builds; its pushes end so. */
  function plugin(pushed: object) {
    const follow = (event: unknown, finished: (error: null) => void, progress: (event: unknown) => void) => {
      progress(event);
      finished(null);
    };
    const image = {
      inspect: async () => ({ Id: "sha256:2" }),
      push: async () => pushed,
      remove: async () => ({}),
    };
    const docker = {
      version: async () => ({ Os: "linux", Arch: "amd64", Version: "20.10.0" }),
      buildImage: async () => ({ aux: { ID: "sha256:1" } }),
      followProgress: follow,
      getImage: () => image,
    };
    return dockerPlugin({ docker: docker as unknown as Dockerode, projectDirectory }, engine);
  }

  const diff = (oldOutputs: Properties, news: Properties) =>
    plugin({}).diff({ ...resource, id: "x", oldInputs: inputs, oldOutputs, inputs: news });

  test("an Image's outputs have its inputs, as a secret", async () => {
    const push = { aux: { Digest: "sha256:3" } };
    const { outputs } = await plugin(push).create({ ...resource, inputs, preview: false, timeout: 0 });
    expect(outputs.__inputs).toEqual(secret(inputs));
    expect(outputs).not.toHaveProperty("registry");
  });

  test("the next difference is against these inputs; a stack of an older stand-in has none, and no change", async () => {
    expect((await diff({}, inputs)).changes).toEqual([]);
    const other = { ...inputs, build: { ...inputs.build, platform: "linux/arm64" } };
    expect((await diff({ __inputs: inputs }, inputs)).changes).toEqual([]);
    expect((await diff({ __inputs: other }, inputs)).changes).toEqual([
      { property: "build", path: "build", kind: "update" },
    ]);
  });

  test("a refresh gives an Image of an older stand-in its inputs, and leaves others as they are", async () => {
    const record = { ...resource, id: "x", inputs };
    const outputs = { imageName: inputs.imageName };
    expect(await plugin({}).read({ ...record, outputs })).toEqual({
      id: "x",
      inputs,
      outputs: { ...outputs, __inputs: secret(inputs) },
    });
    expect(await plugin({}).read({ ...record, outputs: { ...outputs, __inputs: inputs } })).toBe("unchanged");
  });

  test("a login server that is not known yet is shown as a whole registry that is added", async () => {
    const news: Properties = { ...inputs, registry: { ...inputs.registry, server: unknownValue as Value } };
    expect(await diff({ __inputs: inputs }, news)).toMatchObject({
      changes: [{ property: "registry", path: "registry", kind: "update" }],
      inputDiff: false,
    });
  });

  test("a preview answers the inputs", async () => {
    const preview = { ...resource, inputs, preview: true, timeout: 0 };
    expect((await plugin({}).create(preview)).outputs).toEqual(inputs);
  });

  test("a push that fails", async () => {
    const refused =
      "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.";
    const failing = plugin({ errorDetail: { message: refused }, error: refused });
    await expect(failing.create({ ...resource, inputs, preview: false, timeout: 0 })).rejects.toThrow(
      `error reading push output: ${refused}`,
    );
  });
});

describe("random", () => {
  const plugin = randomPlugin();

  test.each([
    ["random:index/randomString:RandomString", { length: 6 }],
    ["random:index/randomId:RandomId", { byteLength: 4 }],
  ])("%s has its id among its outputs", async (type, inputs) => {
    const request = { urn: "urn", type, name: "x", inputs, timeout: 0 };
    const { id, outputs } = await plugin.create({ ...request, preview: false });
    expect(outputs.id).toBe(id);
    expect((await plugin.create({ ...request, preview: true })).outputs.id).toBe(unknownValue);
  });

  test("outputs have what the published plugin makes Terraform's state of", async () => {
    const request = { urn: "urn", name: "x", preview: false, timeout: 0 };
    const string = { ...request, type: "random:index/randomString:RandomString", inputs: { length: 6 } };
    const id = { ...request, type: "random:index/randomId:RandomId" };
    const absent = secret({ replace: { raw: nullValue } });
    expect((await plugin.create(string)).outputs).toMatchObject({
      __meta: '{"schema_version":"2"}',
      __pulumi_raw_state_delta: { obj: { ps: { keepers: absent, overrideSpecial: absent } } },
    });
    const inputs = { byteLength: 4, prefix: "x", keepers: { a: "1" } };
    const { outputs } = await plugin.create({ ...id, inputs });
    expect(outputs.__pulumi_raw_state_delta).toEqual({ obj: { ps: { keepers: { map: {} } } } });
    expect(outputs).not.toHaveProperty("__meta");
  });

  test("a refresh leaves what the published plugin recorded as it is", async () => {
    const type = "random:index/randomString:RandomString";
    const outputs = { result: "abc", __pulumi_raw_state_delta: { obj: {} } };
    expect(await plugin.read({ urn: "urn", type, name: "x", id: "abc", inputs: {}, outputs })).toBe(
      "unchanged",
    );
  });
});
