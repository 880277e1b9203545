import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArmError } from "../../../local/azure/core/errors.ts";
import type { ProviderContext, ResourceProvider } from "../../../local/azure/core/provider.ts";
import { finished, type LocalAzure, startLocalAzure, subscription } from "../local-azure.ts";

let local: LocalAzure;
let removed: string[];
/** Set: `remove` waits for it. */
let gate: Promise<void> | undefined;

/** A provider with two types, of which the first must go first, and a resource named `stuck` that cannot go. */
const things = ({ store }: ProviderContext): ResourceProvider => {
  const base = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Local.Test";
  return {
    namespace: "Local.Test",
    resourceTypes: ["users", "things"].map((resourceType) => ({ resourceType, apiVersions: ["2020-01-01"] })),
    routes: ["users", "things"].map((type) => ({
      path: `${base}/${type}/{name}`,
      methods: {
        PUT: async ({ path, parameters }) => {
          const resource = { id: path, name: parameters.name!, type: `Local.Test/${type}`, properties: {} };
          await store.put({ ...resource, location: "westus", tags: { a: "b" } });
          return { status: 200, body: resource };
        },
      },
    })),
    async remove(resource) {
      await gate;
      if (resource.name === "stuck") throw new ArmError(409, "Conflict", "It is stuck.");
      removed.push(resource.name);
      await store.delete(resource.id);
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
};

beforeEach(async () => {
  removed = [];
  gate = undefined;
  local = await startLocalAzure({ providers: [things] });
});
afterEach(() => local.dispose());

const rg = `${subscription}/resourceGroups/rg`;
const member = (type: string, name: string) => `${rg}/providers/Local.Test/${type}/${name}`;
const create = (body: object = { location: "West Europe" }) => local.arm("PUT", rg, body);

describe("resource groups", () => {
  it("are created with 201 and updated with 200", async () => {
    const created = await create();
    expect([created.status, created.json]).toEqual([
      201,
      {
        id: rg,
        name: "rg",
        type: "Microsoft.Resources/resourceGroups",
        location: "westeurope",
        properties: { provisioningState: "Succeeded" },
      },
    ]);
    expect((await create()).status).toBe(200);
  });

  it("take what the newest SDKs' models have and Azure decides", async () => {
    const given = { location: "westus", systemData: { createdBy: "somebody" } };
    const { status, json } = await local.arm("PUT", rg, given);
    expect([status, json.systemData]).toEqual([201, undefined]);
  });

  it("lose tags by PUT and keep them by PATCH", async () => {
    await create({ location: "westeurope", tags: { a: "b" } });
    expect((await local.arm("PATCH", rg, {})).json.tags).toEqual({ a: "b" });
    expect((await local.arm("PATCH", rg, { tags: { c: "d" } })).json.tags).toEqual({ c: "d" });
    expect((await create()).json.tags).toBeUndefined();
  });

  it("answer HEAD with 204 or 404 and no body, as all resources", async () => {
    expect((await local.arm("HEAD", rg)).status).toBe(404);
    await create();
    expect(await local.arm("HEAD", rg)).toMatchObject({ status: 204, text: "" });
    expect(
      (await local.arm("HEAD", `${rg}/providers/Microsoft.ContainerRegistry/registries/none`)).status,
    ).toBe(404);
    expect((await local.arm("HEAD", `${rg}/providers/Microsoft.ContainerRegistry/registries`)).status).toBe(
      405,
    );
  });

  it.each([
    ["another location", "rg", { location: "westus" }, 409, "InvalidResourceGroupLocation"],
    ["no location", "new", {}, 400, "LocationRequired"],
    ["an unknown location", "new", { location: "mars" }, 400, "LocationNotAvailableForResourceGroup"],
    ["a bad character", "a$b", { location: "westus" }, 400, "InvalidResourceGroup"],
    ["a period at the end", "a.", { location: "westus" }, 400, "InvalidResourceGroup"],
    ["91 characters", "a".repeat(91), { location: "westus" }, 400, "InvalidResourceGroup"],
    ["a tag that is no text", "new", { location: "westus", tags: { a: 1 } }, 400, "InvalidRequestContent"],
  ])("refuse %s", async (_, name, body, status, code) => {
    await create();
    const answer = await local.arm("PUT", `${subscription}/resourceGroups/${name}`, body);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  });

  it("are listed, by tag too", async () => {
    await create({ location: "westeurope", tags: { env: "dev" } });
    await local.arm("PUT", `${subscription}/resourceGroups/other`, { location: "westus" });
    const list = `${subscription}/resourcegroups?api-version=2022-09-01`;
    expect((await local.arm("GET", list)).json.value).toHaveLength(2);
    const filter = encodeURIComponent("tagname eq 'ENV' and tagvalue eq 'dev'");
    expect((await local.arm("GET", `${list}&$filter=${filter}`)).json.value).toMatchObject([{ name: "rg" }]);
    expect((await local.arm("GET", `${list}&$top=x`)).status).toBe(400);
    const first = (await local.arm("GET", `${list}&$top=1`)).json;
    expect(first.value).toMatchObject([{ name: "rg" }]);
    const next = new URL(first.nextLink);
    const second = (await local.arm("GET", `${next.pathname}${next.search}`)).json;
    expect(second).toEqual({ value: [expect.objectContaining({ name: "other" })] });
    expect((await local.arm("GET", `${list}&$skiptoken=x`)).status).toBe(400);
  });
});

describe("deleting a group", () => {
  it("deletes its members, each type in its turn, and then itself", async () => {
    await create();
    await local.arm("PUT", member("things", "t"), {});
    await local.arm("PUT", member("users", "u"), {});
    const started = await local.arm("DELETE", rg);
    expect([started.status, started.text]).toEqual([202, ""]);
    expect(started.headers.location).toMatch(
      /^https:\/\/localhost:\d+\/subscriptions\/[^/]+\/operationresults\/[^/]+\?api-version=/,
    );
    expect(await finished(local, started)).toMatchObject({ status: 200, text: "" });
    expect(removed).toEqual(["u", "t"]);
    expect((await local.arm("GET", rg)).status).toBe(404);
  });

  it("refuses writes meanwhile, and says that it goes on", async () => {
    await create();
    await local.arm("PUT", member("things", "t"), {});
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const started = await local.arm("DELETE", rg);
    expect((await local.arm("GET", rg)).json.properties.provisioningState).toBe("Deleting");
    for (const path of [rg, member("things", "new")]) {
      const answer = await local.arm("PUT", path, { location: "westeurope" });
      expect([answer.status, answer.json.error.code]).toEqual([409, "ResourceGroupBeingDeleted"]);
    }
    const poll = new URL(String(started.headers.location));
    const answer = await local.arm("GET", `${poll.pathname}${poll.search}`);
    expect([answer.status, answer.headers.location]).toEqual([202, poll.href]);
    const second = await local.arm("DELETE", rg);
    open();
    expect((await finished(local, started)).status).toBe(200);
    expect((await finished(local, second)).status).toBe(200);
    expect(removed).toEqual(["t"]);
  });

  it("fails by name when a member cannot go, and the group stays usable", async () => {
    await create();
    await local.arm("PUT", member("things", "stuck"), {});
    const answer = await finished(local, await local.arm("DELETE", rg));
    expect(answer.status).toBe(409);
    expect(answer.json.error).toMatchObject({
      code: "ResourceGroupDeletionBlocked",
      details: [{ target: member("things", "stuck"), message: "It is stuck." }],
    });
    expect((await local.arm("GET", rg)).json.properties.provisioningState).toBe("Succeeded");
  });

  it("of an absent one is 404", async () => {
    expect((await local.arm("DELETE", rg)).json.error.code).toBe("ResourceGroupNotFound");
  });

  it("goes on after a restart of the process", async () => {
    const directory = await mkdtemp(join(tmpdir(), "azure-test-"));
    try {
      const first = await startLocalAzure({ directory, providers: [things] });
      await first.arm("PUT", rg, { location: "westeurope" });
      await first.arm("PUT", member("things", "stuck"), {});
      await first.azure.close();
      let context: ProviderContext | undefined;
      const marking = await startLocalAzure({
        directory,
        providers: [
          (given) => {
            context = given;
            return things(given);
          },
        ],
      });
      const group = context!.store.get(rg)!;
      await context!.store.put({ ...group, properties: { provisioningState: "Deleting" } });
      await context!.store.delete(member("things", "stuck"));
      await marking.azure.close();
      const again = await startLocalAzure({ directory, providers: [things] });
      await expect.poll(async () => (await again.arm("GET", rg)).status).toBe(404);
      await again.azure.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe("lists of resources", () => {
  const list = (path: string, filter?: string) =>
    local.arm(
      "GET",
      `${path}?api-version=2021-04-01${filter ? `&$filter=${encodeURIComponent(filter)}` : ""}`,
    );

  it("say name, type and tags, never properties", async () => {
    await create();
    await local.arm("PUT", member("things", "t"), {});
    const expected = [
      {
        id: member("things", "t"),
        name: "t",
        type: "Local.Test/things",
        location: "westus",
        tags: { a: "b" },
      },
    ];
    expect((await list(`${rg}/resources`)).json.value).toEqual(expected);
    expect((await list(`${subscription}/resources`)).json.value).toEqual(expected);
  });

  it.each([
    ["resourceType eq 'local.test/THINGS'", ["t"]],
    ["resourceType eq 'Local.Test/users'", ["u"]],
    ["name eq 't' and location eq 'westus'", ["t"]],
    ["resourceGroup eq 'other'", []],
    ["tagName eq 'a' and tagValue eq 'b' and name eq 'u'", ["u"]],
  ])("filter by %s", async (filter, names) => {
    await create();
    await local.arm("PUT", member("things", "t"), {});
    await local.arm("PUT", member("users", "u"), {});
    const { value } = (await list(`${subscription}/resources`, filter)).json;
    expect(value.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it.each(["substringof('a', name)", "name ne 'a'", "plan eq 'x'", "name eq 'a' or name eq 'b'"])(
    "refuse the filter %s",
    async (filter) => {
      const answer = await list(`${subscription}/resources`, filter);
      expect([answer.status, answer.json.error.code]).toEqual([400, "InvalidFilterInQueryString"]);
    },
  );
});
