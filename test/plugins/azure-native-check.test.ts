import { expect, test } from "vitest";
import { flatten, previewOutputs, requestBody, shape } from "../../local/plugins/azure-native/body.ts";
import { AzureNativePlugin } from "../../local/plugins/azure-native/plugin.ts";
import { resourceTypeOf, resourceTypes } from "../../local/plugins/azure-native/resource-types.ts";
import { functionSchema, objectSchema, resourceSchema } from "../../local/plugins/azure-native/sdk-schema.ts";
import type { CheckRequest } from "../../local/plugins/plugin.ts";
import { type Properties, unknownValue } from "../../local/plugins/property-values.ts";
import { noAzure } from "./options.ts";

const engine = { status() {}, info() {}, warning() {} };
const webApp = "azure-native:web:WebApp";
const group = "azure-native:resources:ResourceGroup";

function providerWith(settings: Record<string, string> = { location: "westeurope" }): AzureNativePlugin {
  const provider = new AzureNativePlugin(noAzure, engine);
  provider.configure(settings);
  return provider;
}

function check(
  type: string,
  inputs: Properties,
  more: Partial<CheckRequest> = {},
  provider = providerWith(),
) {
  const randomSeed = new TextEncoder().encode("seed");
  return provider.check({ urn: "urn", type, name: "thing", oldInputs: {}, inputs, randomSeed, ...more });
}

async function diff(type: string, oldInputs: Properties, inputs: Properties, oldOutputs: Properties = {}) {
  const result = await providerWith().diff({
    urn: "",
    type,
    name: "",
    id: "",
    oldInputs,
    inputs,
    oldOutputs,
  });
  return { ...result, changes: result.changes.map(({ kind, path }) => `${kind} ${path}`) };
}

test("every type in the table is in the installed SDK, with an API version and the inputs that its path names", () => {
  for (const [token, { path }] of Object.entries(resourceTypes)) {
    const { apiVersion, inputs, outputs } = resourceSchema(token);
    expect(apiVersion).toMatch(/^\d{4}-\d{2}-\d{2}/);
    expect([...outputs.keys()]).toContain("azureApiVersion");
    const named = [...path.matchAll(/\{(\w+)\}/g)]
      .map((match) => match[1])
      .filter((name) => name !== "subscriptionId");
    expect([...inputs.keys()]).toEqual(expect.arrayContaining(named));
  }
});

test("the SDK's declarations are read with their types", () => {
  const { inputs } = resourceSchema(webApp);
  expect(inputs.get("tags")?.type).toEqual({ kind: "map", element: { kind: "string" } });
  expect(inputs.get("siteConfig")?.type).toEqual({ kind: "object", name: "web.SiteConfigArgs" });
  expect(inputs.get("resourceGroupName")).toEqual({ type: { kind: "string" }, required: true });
  expect(objectSchema("web.SiteConfigArgs").get("appSettings")?.type).toMatchObject({ kind: "array" });
  const { results } = functionSchema("azure-native:containerregistry:listRegistryCredentials");
  expect([...results.keys()]).toEqual(["passwords", "username"]);
  const { outputs } = resourceSchema(webApp);
  expect(outputs.get("tags")?.type).toEqual({ kind: "map", element: { kind: "string" } });
  expect(outputs.get("siteConfig")?.type).toEqual({ kind: "object", name: "web.SiteConfigResponse" });
  expect(objectSchema("web.HostNameSslStateResponse").has("ipBasedSslState")).toBe(false);
});

test("names: logical name and eight hexadecimal digits for a top-level type, the same for the same seed", async () => {
  const { inputs, failures } = await check(webApp, { resourceGroupName: "rg" });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({
    azureApiVersion: "2025-05-01",
    location: "westeurope",
    __createBeforeDelete: true,
  });
  expect(inputs.name).toMatch(/^thing[0-9a-f]{8}$/);
  expect((await check(webApp, { resourceGroupName: "rg" })).inputs.name).toBe(inputs.name);
});

test("names: the old one stays, also where an explicit one was taken from the program", async () => {
  const oldInputs = { resourceGroupName: "rg", name: "kept", location: "northeurope" };
  const { inputs } = await check(webApp, { resourceGroupName: "rg" }, { oldInputs });
  expect(inputs).toEqual({ ...oldInputs, azureApiVersion: "2025-05-01" });
});

test.each([
  ["propose", "proposed", { resourceGroupName: "proposed", __createBeforeDelete: true }],
  ["enforce", "enforced", { resourceGroupName: "enforced" }],
] as const)("names: the engine's autonaming setting (%s)", async (mode, proposedName, expected) => {
  const { inputs } = await check(group, {}, { autonaming: { mode, proposedName } });
  expect(inputs).toEqual({ ...expected, location: "westeurope", azureApiVersion: "2024-03-01" });
});

test("names: none for what is named by its parent, nor where autonaming is off", async () => {
  const ftp = await check("azure-native:web:WebAppFtpAllowed", { resourceGroupName: "rg", allow: false });
  expect(ftp.failures).toEqual(["missing required property 'name'"]);
  const { failures } = await check(group, {}, { autonaming: { mode: "disable", proposedName: "" } });
  expect(failures).toEqual(["missing required property 'resourceGroupName'"]);
});

test.each<[Properties, string]>([
  [{ sku: { name: "Basic" }, location: 1 }, "'location' should be of type 'string' but got 'number'"],
  [{}, "missing required property 'sku'"],
  [{ sku: {} }, "missing required property 'sku.name'"],
  [{ sku: { name: "Basic" }, tags: { a: 1 } }, "'tags.a' should be of type 'string' but got 'number'"],
  [{ sku: { name: "Basic" }, policies: "x" }, "'policies' should be of type 'object' but got 'string'"],
])("%j is refused before Azure sees it", async (inputs, reason) => {
  const type = "azure-native:containerregistry:Registry";
  expect((await check(type, { resourceGroupName: "rg", ...inputs })).failures).toEqual([reason]);
});

test("unknown values are not judged, and an unknown group's location is unknown", async () => {
  const inputs: Properties = {
    resourceGroupName: unknownValue,
    siteConfig: { appSettings: unknownValue },
    httpsOnly: unknownValue,
  };
  const checked = await check(webApp, inputs, {}, providerWith({}));
  expect(checked.failures).toEqual([]);
  expect(checked.inputs.location).toBe(unknownValue);
});

test("without a location there is a remedy; an unknown setting and an unknown type are named", async () => {
  const { failures } = await check(group, {}, {}, providerWith({}));
  expect(failures).toEqual([expect.stringContaining("pulumi config set azure-native:location")]);
  expect(() => providerWith({ clientSecret: "x" })).toThrow("azure-native:clientSecret");
  await expect(check("azure-native:storage:StorageAccount", {})).rejects.toThrow(
    "no type 'azure-native:storage:",
  );
});

test("diff: a location's spelling, a group's letter case and the order of settings are no change", async () => {
  const before = {
    location: "West Europe",
    resourceGroupName: "RG",
    siteConfig: {
      appSettings: [
        { name: "a", value: "1" },
        { name: "b", value: "2" },
      ],
    },
  };
  const after = {
    location: "westeurope",
    resourceGroupName: "rg",
    siteConfig: { appSettings: before.siteConfig.appSettings.toReversed() },
  };
  expect(await diff(webApp, before, after)).toEqual({
    changes: [],
    replaces: [],
    deleteBeforeReplace: false,
  });
});

test.each<[string, Properties, Properties, string[]]>([
  [webApp, { name: "a" }, { name: "b" }, ["name"]],
  [webApp, { kind: "app" }, { kind: "app,linux" }, ["kind"]],
  [webApp, { resourceGroupName: "a" }, { resourceGroupName: unknownValue }, ["resourceGroupName"]],
  [webApp, { httpsOnly: false }, { httpsOnly: true }, []],
  ["azure-native:web:AppServicePlan", { reserved: true }, { reserved: false }, ["reserved"]],
  ["azure-native:web:AppServicePlan", { sku: { name: "B1" } }, { sku: { name: "B2" } }, []],
  [group, { location: "a" }, { location: "b" }, ["location"]],
])("diff: %s %j → %j replaces %j", async (type, before, after, replaces) => {
  const result = await diff(type, before, after);
  expect(result.changes).toHaveLength(1);
  expect(result.replaces).toEqual(replaces);
  expect(result.deleteBeforeReplace).toBe(replaces.length > 0);
});

test("diff: a generated name lets the new one come first; saying what Azure has is no replacement", async () => {
  const marked = { __createBeforeDelete: true };
  const { deleteBeforeReplace } = await diff(webApp, { ...marked, kind: "app" }, { ...marked, kind: "x" });
  expect(deleteBeforeReplace).toBe(false);
  expect((await diff(webApp, {}, { reserved: true }, { reserved: true })).replaces).toEqual([]);
});

test("bodies: `properties` holds what is flattened, and dictionaries stay as they are", () => {
  const inputs = {
    name: "a",
    resourceGroupName: "rg",
    azureApiVersion: "x",
    location: "l",
    kind: "app",
    httpsOnly: true,
  };
  const body = requestBody(resourceTypeOf(webApp), resourceSchema(webApp), {
    ...inputs,
    __createBeforeDelete: true,
  });
  expect(body).toEqual({ location: "l", kind: "app", properties: { httpsOnly: true } });
  const settings = "azure-native:web:WebAppApplicationSettings";
  const properties = { KEY: "value" };
  expect(requestBody(resourceTypeOf(settings), resourceSchema(settings), { name: "a", properties })).toEqual({
    properties,
  });
});

test("outputs: flattened by the SDK's names, nulls dropped, an app's read-only SKU included", () => {
  const body = {
    id: "/x",
    name: "a",
    properties: { sku: "Basic", httpsOnly: null, siteConfig: { appSettings: null } },
  };
  expect(flatten(body, resourceSchema(webApp).outputs, "2025-05-01")).toEqual({
    id: "/x",
    name: "a",
    sku: "Basic",
    siteConfig: {},
    azureApiVersion: "2025-05-01",
  });
});

test("previews know inputs, and of an update name and location; everything else is unknown", () => {
  const outputs = previewOutputs(
    resourceSchema(webApp),
    { httpsOnly: true },
    { name: "a", defaultHostName: "h" },
  );
  expect(outputs).toMatchObject({
    httpsOnly: true,
    name: "a",
    defaultHostName: unknownValue,
    location: unknownValue,
  });
});

test("what inputs can say of outputs leaves read-only properties out, nested ones too", () => {
  const outputs = { defaultHostName: "h", siteConfig: { alwaysOn: true, machineKey: { validation: "x" } } };
  expect(shape(outputs, resourceSchema(webApp).inputs)).toEqual({ siteConfig: { alwaysOn: true } });
});
