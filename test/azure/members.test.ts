import { describe, expect, it } from "vitest";
import { type EmulatedType, types } from "../../docs/differences.mts";
import { ArmError, invalidType } from "../../local/azure/core/errors.ts";
import { type Members, readMembers } from "../../local/azure/core/members.ts";
import { providers } from "../../local/azure/providers.ts";
import { type Answer, apiVersion } from "./local-azure.ts";
import { bodyWith, pathsOf, sdkMembers, sdkOutputs } from "./sdk-members.ts";
import { armErrorOf, location, webAppsWithSite } from "./web/web-apps.ts";

/** The SDK's name of each type. */
const tokens: Record<string, string> = {
  "Resource group": "resources:ResourceGroup",
  Registry: "containerregistry:Registry",
  Plan: "web:AppServicePlan",
  "Web app": "web:WebApp",
  "`config/web` and `siteConfig`": "inputs web.SiteConfigArgs",
  "`config/appsettings`": "web:WebAppApplicationSettings",
  "`config/connectionstrings`": "web:WebAppConnectionStrings",
  "`config/metadata`": "web:WebAppMetadata",
  "`config/slotConfigNames`": "web:WebAppSlotConfigurationNames",
  "`config/logs`": "web:WebAppDiagnosticLogsConfiguration",
  "`config/authsettings`": "web:WebAppAuthSettings",
  "`config/authsettingsV2`": "web:WebAppAuthSettingsV2",
  "Policy `scm`": "web:WebAppScmAllowed",
  "Policy `ftp`": "web:WebAppFtpAllowed",
};

/** Members of our tables that neither the SDK's types nor our answers have, and where they come from. */
const extra: Record<string, string> = {
  "networkRuleSet.virtualNetworkRules": "registries before 2026",
  "retentionPolicy.lastUpdatedTime": "answers of registries that were written to",
  "softDeletePolicy.lastUpdatedTime": "answers of registries that were written to",
  vnetBackupRestoreEnabled: "sites before 2025-05-01",
  "identity.principalId": "answers of resources that have one",
  "identity.tenantId": "answers of resources that have one",
};

const web = webAppsWithSite();
type Fate = "refused" | "taken" | "idle" | string;

/** What becomes of a member of a body; else what is wrong with it. */
function fateOf(table: Members, path: string, sample: unknown, spelled = path): Fate {
  try {
    const place = { owner: "it", invalid: invalidType };
    const read = JSON.stringify(readMembers(table, bodyWith(spelled, sample), place));
    if (read.includes(JSON.stringify(sample))) return "taken";
    return rowOf(table, path)?.idle ? "idle" : `${path} is dropped without a reason`;
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    const refused = /^Local Azure does not emulate '(.+)': .{10,}\.$/.exec(error.message)?.[1];
    if (
      refused !== undefined &&
      path.startsWith(refused.replaceAll("[0]", "[]").replace(/\.key(?=\.|$)/, ".*"))
    )
      return "refused";
    // The sample is not one of the values that it takes.
    return error.code === "InvalidRequestContent" ? "taken" : `${path}: ${error.message}`;
  }
}

function rowOf(table: Members, path: string) {
  const names = path.split(".").map((name) => name.replace("[]", ""));
  let row = { members: table } as Members[string];
  for (const name of names) {
    if (!row.members) return row;
    if (name !== "*") row = row.members[name] ?? {};
  }
  return row;
}

const membersOf = ({ title, path }: EmulatedType) => sdkMembers(tokens[title]!, path);
const takenOf = (type: EmulatedType) =>
  membersOf(type)
    .filter(({ path }) => rowOf(type.table, path)?.read)
    .map(({ path }) => path);

describe.each(types)("$title: each member that the SDK has", (type) => {
  it("is taken, refused by name, or dropped with a reason, in any case", () => {
    const members = membersOf(type);
    expect(members.length).toBeGreaterThan(0);
    const fates = members.flatMap(({ path, sample }) => [
      fateOf(type.table, path, sample),
      fateOf(type.table, path, sample, path.toUpperCase()),
    ]);
    expect(fates.filter((fate) => !["refused", "taken", "idle"].includes(fate))).toEqual([]);
  });
});

const idOf = (path: string) =>
  `${web.group}${path.replace("{registryName}", web.siteName.replace("app-", "crtest")).replace("serverfarms/{name}", "serverfarms/plan").replace("{name}", web.siteName)}`;

/** A body that the type takes. */
function baseOf({ title }: EmulatedType): Record<string, unknown> {
  if (title === "Resource group") return { location };
  if (title === "Registry") return { location, sku: { name: "Basic" }, properties: {} };
  if (title === "Plan") return { location, sku: { name: "B1" }, properties: { reserved: true } };
  if (title === "Web app") return { location, properties: { serverFarmId: web.planId } };
  return { properties: title.startsWith("Policy") ? { allow: true } : {} };
}

function merged(a: unknown, b: unknown): unknown {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(b))
    return b;
  const both = { ...a, ...b } as Record<string, unknown>;
  for (const name of Object.keys(a)) {
    if (name in b) both[name] = merged((a as typeof both)[name], (b as typeof both)[name]);
  }
  return both;
}

/** As a client reads it: what has secrets is read by a POST. */
async function readBack(path: string, version = apiVersion): Promise<Answer> {
  const answer = await web.arm("GET", `${idOf(path)}?api-version=${version}`);
  return answer.status === 405 ? web.arm("POST", `${idOf(path)}/list?api-version=${version}`) : answer;
}

/** All that can be seen of a type and, if it is of the app or its plan, of what the app's runtime is told. */
async function seen({ title, path }: EmulatedType): Promise<string> {
  const paths = [path];
  if (title === "Web app" || title === "`config/web` and `siteConfig`") {
    paths.push(
      ...["web", "appsettings", "connectionstrings", "metadata"].map((name) => `${sitePath}/config/${name}`),
    );
  }
  const answers = await Promise.all(paths.map(async (one) => (await readBack(one)).text));
  const times = /"(lastModifiedTimeUtc|lastModifiedAt)":"[^"]*"/g;
  return JSON.stringify([web.spec, answers.map((text) => text.replaceAll(times, ""))]);
}
const sitePath = "/providers/Microsoft.Web/sites/{name}";

const siteConfig = {
  linuxFxVersion: "DOCKER|localhost:1/other:2",
  appCommandLine: "serve --fast",
  alwaysOn: true,
  http20Enabled: false,
  minTlsVersion: "1.3",
  scmMinTlsVersion: "1.3",
  healthCheckPath: "/healthy",
  httpLoggingEnabled: true,
  "appSettings[].name": [{ name: "COLOUR", value: "red" }],
  "appSettings[].value": [{ name: "COLOUR", value: "blue" }],
  "connectionStrings[].name": [{ name: "DB", connectionString: "here", type: "Custom" }],
  "connectionStrings[].connectionString": [{ name: "DB", connectionString: "there", type: "Custom" }],
  "connectionStrings[].type": [{ name: "DB", connectionString: "there", type: "MySql" }],
  "metadata[].name": [{ name: "STACK", value: "x" }],
  "metadata[].value": [{ name: "STACK", value: "y" }],
  ftpsState: "Disabled",
  logsDirectorySizeLimit: 40,
  webSocketsEnabled: true,
  use32BitWorkerProcess: false,
  managedPipelineMode: "Classic",
  loadBalancing: "RequestHash",
  publicNetworkAccess: "Enabled",
  defaultDocuments: ["start.html"],
};

/** Other values of all members that are taken, by path; those of a list stand for its whole. */
const changes: Record<string, Record<string, unknown>> = {
  "Resource group": { tags: { a: "b" }, managedBy: "somebody" },
  Registry: { tags: { a: "b" }, "sku.name": "Standard", "properties.adminUserEnabled": true },
  Plan: { tags: { a: "b" }, "sku.name": "B2", "sku.capacity": 2 },
  "Web app": {
    tags: { a: "b" },
    "properties.enabled": false,
    "properties.httpsOnly": true,
    "properties.clientAffinityEnabled": false,
    "properties.clientCertMode": "Optional",
    "properties.publicNetworkAccess": "Enabled",
    ...Object.fromEntries(
      Object.entries(siteConfig).map(([name, value]) => [`properties.siteConfig.${name}`, value]),
    ),
  },
  "`config/web` and `siteConfig`": Object.fromEntries(
    Object.entries(siteConfig).map(([name, value]) => [`properties.${name}`, value]),
  ),
  "`config/appsettings`": { properties: { COLOUR: "red" } },
  "`config/metadata`": { properties: { STACK: "red" } },
  "`config/connectionstrings`": {
    "properties.*.value": { value: "here", type: "Custom" },
    "properties.*.type": { value: "here", type: "MySql" },
  },
  "`config/slotConfigNames`": {
    "properties.appSettingNames": ["A"],
    "properties.connectionStringNames": ["B"],
    "properties.azureStorageConfigNames": ["C"],
  },
  "`config/logs`": {
    "properties.httpLogs.fileSystem.enabled": true,
    "properties.httpLogs.fileSystem.retentionInMb": 50,
    "properties.httpLogs.fileSystem.retentionInDays": 3,
  },
  "Policy `scm`": { "properties.allow": false },
  "Policy `ftp`": { "properties.allow": false },
};

/** Members that are decided at creation, or whose effect is in no answer, and the test that shows it. */
const elsewhere: Record<string, string[]> = {
  "Resource group": ["location"],
  Registry: ["location"],
  Plan: ["location", "properties.reserved"],
  "Web app": ["location", "kind", "properties.serverFarmId"],
};

describe.each(types)("$title: a member that is taken", (type) => {
  const values = Object.entries(changes[type.title] ?? {});
  it("is one of those whose effect is looked at", () => {
    const looked = [...values.map(([path]) => path), ...(elsewhere[type.title] ?? [])];
    expect(takenOf(type).sort()).toEqual(looked.sort());
  });

  if (values.length === 0) return;
  it("has an effect that is seen in an answer or in what runs", async () => {
    let body = baseOf(type);
    const put = async () => {
      const { status, text } = await web.arm("PUT", idOf(type.path), body);
      expect(status < 202, text).toBe(true);
      return seen(type);
    };
    let before = await put();
    const idle: string[] = [];
    for (const [path, value] of values) {
      // A list and a map are given whole.
      const whole = path.replace(/(\[\]|(?<=\*))\.\w+$/, "");
      body = merged(body, bodyWith(whole, value)) as typeof body;
      const after = await put();
      if (before === after || !after.includes(typeof value === "string" ? value : "")) idle.push(path);
      before = after;
    }
    expect(idle).toEqual([]);
  }, 60_000);
});

describe("what is decided at creation", () => {
  const elsewhereIn = { ...baseOf(types[1]!), location: "northeurope" };
  it("is the location of a group, a registry and a plan, and the system of a plan", async () => {
    for (const [path, body] of [
      ["/providers/Microsoft.ContainerRegistry/registries/crnorth", elsewhereIn],
      ["/providers/Microsoft.Web/serverfarms/north", { location: "northeurope", sku: { name: "B1" } }],
    ] as const) {
      await web.arm("PUT", `${web.group}${path}`, body);
      const { json } = await web.arm("GET", `${web.group}${path}`);
      expect(json.location.toLowerCase().replace(" ", "")).toBe("northeurope");
      if (json.kind) expect([json.kind, json.properties.reserved]).toEqual(["app", false]);
    }
    await web.arm("PUT", `${web.group}-north`, { location: "northeurope" });
    expect((await web.arm("GET", `${web.group}-north`)).json.location).toBe("northeurope");
  });
});

/** A group, a plan and an app are there in each test. */
async function made({ title, path }: EmulatedType): Promise<void> {
  if (title === "Registry") await web.arm("PUT", idOf(path), baseOf(types[1]!));
}

it.each(types)("$title: a PUT takes all that a GET shows, of any API version", async (type) => {
  const { path } = type;
  await made(type);
  for (const version of ["2019-05-01", apiVersion, "2026-12-01"]) {
    const { status, json } = await readBack(path, version);
    expect(status).toBe(200);
    const put = await web.arm("PUT", `${idOf(path)}?api-version=${version}`, json);
    expect([put.status, put.text]).toEqual([200, put.text]);
    // Policies and config/web are answered otherwise by a PUT.
    expect((await web.arm("PUT", `${idOf(path)}?api-version=${version}`, put.json)).status).toBe(200);
  }
});

it.each(types)("$title: no row of its table is of nothing that Azure or the SDK has", async (type) => {
  await made(type);
  const newest = (await readBack(type.path, "2026-12-01")).json;
  const known = new Set([
    ...sdkMembers(tokens[type.title]!, type.path).flatMap(({ path }) =>
      path.split(".").map((_, index, names) =>
        names
          .slice(0, index + 1)
          .join(".")
          .replace(/\[\]$/, ""),
      ),
    ),
    ...sdkMembers(tokens[type.title]!, type.path).map(({ path }) => path),
    ...sdkOutputs(tokens[type.title]!),
    ...pathsOf(newest),
    // A site's GET shows a part of siteConfig only.
    ...pathsOf((await readBack(`${sitePath}/config/web`)).json.properties, "properties.siteConfig"),
    ...pathsOf((await web.arm("PUT", idOf(type.path), newest)).json),
    ...["id", "name", "type", "location", "tags", "kind", "systemData"],
  ]);
  const rows = (table: Members, at: string): string[] =>
    Object.entries(table).flatMap(([name, row]) => {
      const path = `${at}${name}`;
      const inner = { list: `${path}[].`, map: `${path}.*.`, object: `${path}.` }[row.of ?? "object"];
      return [path, ...(row.members ? rows(row.members, inner) : [])];
    });
  const isExtra = (path: string) =>
    Object.keys(extra).some((end) => path === end || path.endsWith(`.${end}`));
  expect(rows(type.table, "").filter((path) => !known.has(path) && !isExtra(path))).toEqual([]);
});

describe("every route that takes a body of a type", () => {
  const stub = { directory: "", clone: "" } as never;
  const writes = providers
    .flatMap((provider) => provider(stub).routes)
    .flatMap(({ path, methods }) =>
      (["PUT", "PATCH"] as const).filter((method) => methods[method]).map((method) => ({ method, path })),
    );
  const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";

  it("is of a type that the tables describe", () => {
    const described = types.map(({ path }) => `${group}${path}`.toLowerCase()).sort();
    expect([...new Set(writes.map(({ path }) => path.toLowerCase()))].sort()).toEqual(described);
  });

  it.each(writes)("refuses what no table names: $method $path", async ({ method, path }) => {
    const type = types.find((one) => `${group}${one.path}`.toLowerCase() === path.toLowerCase())!;
    await made(type);
    const id = idOf(type.path);
    const refused = (at: string) => [
      400,
      "NotSupported",
      expect.stringMatching(`^Local Azure does not know '${at}': `),
    ];
    expect(armErrorOf(await web.arm(method, id, { ...baseOf(type), colour: "red" }))).toEqual(
      refused("colour"),
    );
    if (["appsettings", "metadata", "connectionstrings"].some((free) => path.toLowerCase().endsWith(free)))
      return;
    const unknown = merged(baseOf(type), { properties: { colour: null } });
    expect(armErrorOf(await web.arm(method, id, unknown))).toEqual(refused("properties.colour"));
  });
});
