import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { finished, type LocalAzure, send, startLocalAzure, subscription } from "../local-azure.ts";

let local: LocalAzure;
beforeEach(async () => {
  local = await startLocalAzure();
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
});
afterEach(() => local.dispose());

const version = "?api-version=2023-01-01-preview";
const path = (name = "crtest", group = "rg") =>
  `${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
const body = (properties: object = { adminUserEnabled: true }, rest: object = {}) => ({
  location: "West Europe",
  sku: { name: "Basic" },
  properties,
  ...rest,
});
const put = (name?: string, content: object = body()) => local.arm("PUT", `${path(name)}${version}`, content);
const get = (suffix = "") => local.arm("GET", `${path()}${suffix}${version}`);
const post = (action: string, content?: object) =>
  local.arm("POST", `${path()}/${action}${version}`, content);
const create = async (content?: object) => finished(local, await put(undefined, content));
const reached = async (loginServer: string) =>
  send(`https://${loginServer}/v2/`, { ca: local.ca }).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );

describe("creating a registry", () => {
  it("answers 201 Creating and an operation to poll, after which the login server answers", async () => {
    const created = await put();
    expect([created.status, created.json.properties.provisioningState]).toEqual([201, "Creating"]);
    expect(created.headers["azure-asyncoperation"]).toMatch(
      /^https:\/\/localhost:\d+\/.+\/registries\/crtest\/operationStatuses\/[^/]+\?api-version=2023-01-01-preview$/,
    );
    expect((await finished(local, created)).json.status).toBe("Succeeded");
    const { json } = await get();
    expect(json).toMatchObject({
      id: path(),
      name: "crtest",
      type: "Microsoft.ContainerRegistry/registries",
      location: "westeurope",
      sku: { name: "Basic", tier: "Basic" },
      tags: {},
      properties: {
        provisioningState: "Succeeded",
        adminUserEnabled: true,
        loginServer: expect.stringMatching(/^localhost:\d+$/),
      },
    });
    expect(await reached(json.properties.loginServer)).toBe(401);
  });

  it("starts one once that was deleted and made again before its start had its turn", async () => {
    await put("crother");
    const remove = () => local.arm("DELETE", `${path()}${version}`);
    const answers = await Promise.all([put(), remove(), put()]);
    for (const created of answers.filter(({ status }) => status === 201)) {
      expect((await finished(local, created)).json.status).toBe("Succeeded");
    }
    const { json } = await get();
    expect(json.properties.provisioningState).toBe("Succeeded");
    expect(await reached(json.properties.loginServer)).toBe(401);
    expect(local.logs).toEqual([]);
  });

  it("fails in the operation, not with a server that never comes, when the process does not start", async () => {
    const broken = await startLocalAzure({ registryBinary: "/bin/false" });
    onTestFinished(() => broken.dispose());
    await broken.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
    const outcome = await finished(broken, await broken.arm("PUT", `${path()}${version}`, body()));
    expect(outcome.json).toMatchObject({
      status: "Failed",
      error: { message: expect.stringContaining("/bin/false") },
    });
    expect((await broken.arm("GET", path())).json.properties.provisioningState).toBe("Failed");
  });

  it.each([
    ["a short name", "cr12", body(), 400, "RegistryNameNotValid"],
    ["a hyphen", "cr-test", body(), 400, "RegistryNameNotValid"],
    ["a long name", "c".repeat(51), body(), 400, "RegistryNameNotValid"],
    ["no location", "crtest", { sku: { name: "Basic" } }, 400, "LocationRequired"],
    ["no SKU", "crtest", { location: "westeurope" }, 400, "InvalidSku"],
    ["an unknown SKU", "crtest", body({}, { sku: { name: "Gold" } }), 400, "InvalidSku"],
    [
      "an admin user that is no boolean",
      "crtest",
      body({ adminUserEnabled: "yes" }),
      400,
      "InvalidRequestContent",
    ],
    ["what is not emulated", "crtest", body({ anonymousPullEnabled: true }), 400, "NotSupported"],
    [
      "a nested policy",
      "crtest",
      body({ policies: { exportPolicy: { status: "disabled" } } }),
      400,
      "NotSupported",
    ],
    ["an unknown property", "crtest", body({ colour: "red" }), 400, "NotSupported"],
    ["a property of every object's", "crtest", body({ constructor: {} }), 400, "NotSupported"],
    ["properties that are none", "crtest", body({}, { properties: [] }), 400, "InvalidRequestContent"],
    ["an identity", "crtest", body({}, { identity: { type: "SystemAssigned" } }), 400, "NotSupported"],
  ])("refuses %s", async (_, name, content, status, code) => {
    const answer = await put(name, content);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  });

  it("takes back what a GET answered", async () => {
    await create();
    expect((await put(undefined, (await get()).json)).status).toBe(200);
  });

  it("refuses a name that another group has, in any case", async () => {
    await create();
    await local.arm("PUT", `${subscription}/resourceGroups/other`, { location: "westeurope" });
    const answer = await local.arm("PUT", `${path("CRTEST", "other")}${version}`, body());
    expect([answer.status, answer.json.error.code]).toEqual([409, "AlreadyInUse"]);
  });

  it("refuses another location for an existing one", async () => {
    await create();
    const answer = await put(undefined, body({}, { location: "westus" }));
    expect([answer.status, answer.json.error.code]).toEqual([409, "InvalidResourceLocation"]);
  });
});

describe("an existing registry", () => {
  it("is changed by PATCH, which keeps what it does not name", async () => {
    await create(body(undefined, { tags: { a: "b" } }));
    const answer = await local.arm("PATCH", `${path()}${version}`, {
      properties: { adminUserEnabled: false },
    });
    expect([answer.status, answer.json.properties.adminUserEnabled, answer.json.tags]).toEqual([
      200,
      false,
      { a: "b" },
    ]);
  });

  it("does not move to another location by a PATCH", async () => {
    await create();
    const answer = await local.arm("PATCH", `${path()}${version}`, { location: "westus", tags: { a: "b" } });
    expect([answer.status, answer.json.error.code]).toEqual([409, "InvalidResourceLocation"]);
    expect((await local.arm("GET", `${path()}${version}`)).json.tags).toEqual({});
  });

  it("hides newer properties from older api-versions", async () => {
    await create();
    const { properties, systemData } = (await local.arm("GET", `${path()}?api-version=2019-05-01`)).json;
    expect(Object.keys(properties)).toEqual([
      "loginServer",
      "creationDate",
      "provisioningState",
      "adminUserEnabled",
      "policies",
    ]);
    expect(systemData).toBeUndefined();
    const read = async (date: string) => (await local.arm("GET", `${path()}?api-version=${date}`)).json;
    expect((await read("2025-04-01")).properties).not.toHaveProperty("networkRuleBypassAllowedForTasks");
    expect((await read("2025-11-01")).properties.networkRuleBypassAllowedForTasks).toBe(false);
  });

  it("is listed by group and by subscription", async () => {
    await create();
    for (const scope of [`${subscription}/resourceGroups/rg`, subscription]) {
      const list = await local.arm("GET", `${scope}/providers/Microsoft.ContainerRegistry/registries`);
      expect(list.json.value).toMatchObject([{ name: "crtest" }]);
    }
  });

  it("has usage, and no replications or webhooks", async () => {
    await create();
    expect((await get("/listUsages")).json.value).toContainEqual({
      name: "Size",
      limit: 10 * 1024 ** 3,
      currentValue: 0,
      unit: "Bytes",
    });
    expect((await get("/replications")).json).toEqual({ value: [] });
    expect((await get("/webhooks")).json).toEqual({ value: [] });
  });

  it("is deleted with 200, then 204; its login server is gone and its name free", async () => {
    await create();
    const { loginServer } = (await get()).json.properties;
    expect(await local.arm("DELETE", `${path()}${version}`)).toMatchObject({ status: 200, text: "" });
    expect((await local.arm("DELETE", `${path()}${version}`)).status).toBe(204);
    const answer = await get();
    expect([answer.status, answer.json.error.message]).toEqual([
      404,
      "The Resource 'Microsoft.ContainerRegistry/registries/crtest' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    ]);
    expect(await reached(loginServer)).toBe("ECONNREFUSED");
    expect((await put()).status).toBe(201);
  });
});

describe("credentials", () => {
  it("are the registry's name and two passwords of 52 characters", async () => {
    await create();
    const { json } = await post("listCredentials");
    expect(json).toEqual({
      username: "crtest",
      passwords: [
        { name: "password", value: expect.stringMatching(/^[\w+/]{52}$/) },
        { name: "password2", value: expect.stringMatching(/^[\w+/]{52}$/) },
      ],
    });
    expect(json.passwords[0].value).not.toBe(json.passwords[1].value);
  });

  it("change one at a time by regenerateCredential", async () => {
    await create();
    const before = (await post("listCredentials")).json.passwords;
    const after = (await post("regenerateCredential", { name: "password2" })).json.passwords;
    expect(after[0]).toEqual(before[0]);
    expect(after[1].value).not.toBe(before[1].value);
    expect((await post("listCredentials")).json.passwords).toEqual(after);
    expect((await post("regenerateCredential", { name: "password3" })).status).toBe(400);
  });

  it.each<[string, object?]>([["listCredentials"], ["regenerateCredential", { name: "password" }]])(
    "are refused by %s when the admin user is off",
    async (action, given) => {
      await create(body({}));
      const answer = await post(action, given);
      expect([answer.status, answer.json.error.code]).toEqual([400, "UnAuthorizedForCredentialOperations"]);
      expect(answer.json.error.message).toContain(`Cannot perform credential operations for ${path()}`);
    },
  );

  it("are in no answer of a GET", async () => {
    await create();
    const [{ value }] = (await post("listCredentials")).json.passwords;
    expect((await get()).text).not.toContain(value);
  });
});

describe("checkNameAvailability", () => {
  const check = (name: string, type = "Microsoft.ContainerRegistry/registries") =>
    local.arm("POST", `${subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability`, {
      name,
      type,
    });

  it("says whether a name is free, taken or invalid", async () => {
    await create();
    expect((await check("another")).json).toEqual({ nameAvailable: true });
    expect((await check("CRtest")).json).toEqual({
      nameAvailable: false,
      reason: "AlreadyExists",
      message: "The registry CRtest is already in use.",
    });
    expect((await check("a-b")).json).toMatchObject({ nameAvailable: false, reason: "Invalid" });
  });

  it("refuses another type", async () => {
    expect((await check("another", "Microsoft.Web/sites")).status).toBe(400);
  });
});
