import { describe, expect, it } from "vitest";
import { routes, types } from "../../docs/differences.mts";
import type { Members } from "../../local/azure/core/members.ts";
import { providers } from "../../local/azure/providers.ts";
import { resourceTypes } from "../../local/plugins/azure-native/resource-types.ts";
import { baseOf, idOf, made, merged, readBack, tokens } from "./emulated-types.ts";
import { apiVersion } from "./local-azure.ts";
import { pathsOf, sdkMembers, sdkOutputs } from "./sdk-members.ts";
import { armErrorOf, webAppsWithSite } from "./web/web-apps.ts";

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
const sitePath = "/providers/Microsoft.Web/sites/{name}";

it.each(types)("$title: a PUT takes all that a GET shows, of any API version", async (type) => {
  const { path } = type;
  await made(web, type);
  for (const version of ["2019-05-01", apiVersion, "2026-12-01"]) {
    const { status, json } = await readBack(web, path, version);
    expect(status).toBe(200);
    const put = await web.arm("PUT", `${idOf(web, path)}?api-version=${version}`, json);
    expect([put.status, put.text]).toEqual([200, put.text]);
    // Policies and config/web are answered otherwise by a PUT.
    expect((await web.arm("PUT", `${idOf(web, path)}?api-version=${version}`, put.json)).status).toBe(200);
  }
});

it.each(types)("$title: no row of its table is of nothing that Azure or the SDK has", async (type) => {
  await made(web, type);
  const newest = (await readBack(web, type.path, "2026-12-01")).json;
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
    ...pathsOf((await readBack(web, `${sitePath}/config/web`)).json.properties, "properties.siteConfig"),
    ...pathsOf((await web.arm("PUT", idOf(web, type.path), newest)).json),
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

it("every type that the azure-native stand-in sends is described", () => {
  const sent = Object.keys(resourceTypes).map((token) => token.replace("azure-native:", ""));
  expect(sent.filter((token) => !Object.values(tokens).includes(token))).toEqual([]);
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
    await made(web, type);
    const id = idOf(web, type.path);
    const refused = (at: string) => [
      400,
      "NotSupported",
      expect.stringMatching(`^Local Azure does not know '${at}': `),
    ];
    expect(armErrorOf(await web.arm(method, id, { ...baseOf(web, type), colour: "red" }))).toEqual(
      refused("colour"),
    );
    if (
      ["appsettings", "metadata", "connectionstrings", "azurestorageaccounts"].some((free) =>
        path.toLowerCase().endsWith(free),
      )
    )
      return;
    const unknown = merged(baseOf(web, type), { properties: { colour: null } });
    expect(armErrorOf(await web.arm(method, id, unknown))).toEqual(refused("properties.colour"));
  });
});

const actions = routes().filter(({ methods }) => methods.POST);

it.each(actions)("POST $namespace/$name refuses what no table names", async ({ path }) => {
  await made(web, types.find(({ title }) => title === "Registry")!);
  const filled = path
    .replace("{subscriptionId}", web.group.split("/")[2]!)
    .replace("{resourceGroupName}", web.group.split("/")[4]!)
    .replace("{resourceProviderNamespace}", "Microsoft.Web");
  const below = filled.replace(web.group, "");
  const answer = await web.arm("POST", below === filled ? filled : idOf(web, below), { nonsense: null });
  expect(armErrorOf(answer)).toEqual([
    400,
    "NotSupported",
    expect.stringMatching(/^Local Azure does not know 'nonsense': POST .+; leave it out\.$/),
  ]);
});

const operations = routes().flatMap((route) =>
  Object.keys(route.methods).map((method) => ({ ...route, method })),
);

it.each(operations)("$method $namespace/$name refuses OData options that no row names", async (operation) => {
  const { method, path } = operation;
  const filled = path
    .replace(/^\{scope\}|^.*\{resourceGroupName\}/, web.group)
    .replace("{subscriptionId}", web.group.split("/")[2]!)
    .replace(/\{\w+\}/g, "name");
  const body = method.startsWith("P") ? {} : undefined;
  const answer = await web.arm(method, `${filled}?api-version=${apiVersion}&$OrderBy=name`, body);
  expect(armErrorOf(answer)).toEqual([
    400,
    "NotSupported",
    expect.stringMatching(/^Local Azure does not emulate '\$orderby' of [A-Z]+ .+: leave it out\.$/),
  ]);
});
