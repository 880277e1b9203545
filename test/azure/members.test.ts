import { describe, expect, it } from "vitest";
import { type EmulatedType, types } from "../../docs/differences.mts";
import { ArmError, invalidType } from "../../local/azure/core/errors.ts";
import { type Members, readMembers } from "../../local/azure/core/members.ts";
import { baseOf, idOf, merged, readBack, tokens } from "./emulated-types.ts";
import { bodyWith, sdkMembers } from "./sdk-members.ts";
import { webAppsWithSite } from "./web/web-apps.ts";

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

/** All that can be seen of a type and, if it is of the app or its plan, of what the app's runtime is told. */
async function seen({ title, path }: EmulatedType): Promise<string> {
  const paths = [path];
  if (title === "Web app" || title === "`config/web` and `siteConfig`") {
    paths.push(
      ...["web", "appsettings", "connectionstrings", "metadata"].map((name) => `${sitePath}/config/${name}`),
    );
  }
  const answers = await Promise.all(paths.map(async (one) => (await readBack(web, one)).text));
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
  ipSecurityRestrictionsDefaultAction: "Allow",
  scmIpSecurityRestrictionsDefaultAction: "Allow",
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
    let body = baseOf(web, type);
    const put = async () => {
      const { status, text } = await web.arm("PUT", idOf(web, type.path), body);
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
  const elsewhereIn = { ...baseOf(web, types[1]!), location: "northeurope" };
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
