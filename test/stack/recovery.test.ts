import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { recover } from "../../local/stack/recovery.ts";

interface Resource {
  urn: string;
  type: string;
  id?: string;
  delete?: boolean;
  inputs: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
}

const urn = (type: string, name: string) =>
  `urn:pulumi:dev::shop::scoring:service:ScoringService$${type}::${name}`;
const resource = (
  type: string,
  name: string,
  inputs: Resource["inputs"],
  more: Partial<Resource> = {},
): Resource => ({
  urn: urn(type, name),
  type,
  inputs,
  ...more,
});

const asked = "Asking Azure what it has (`pulumi refresh`).";
const GROUP = "azure-native:resources:ResourceGroup";
const REGISTRY = "azure-native:containerregistry:Registry";
const group = resource(GROUP, "group", { resourceGroupName: "rg" });
const registry = resource(REGISTRY, "registry", { resourceGroupName: "rg", registryName: "cr1" });
const registryId =
  "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/cr1";
const first = resource("pulumi:pulumi:Stack", "dev", {});

/** An engine with this record, and an Azure that has these ids: a refresh takes over what it has, which is more than was sent. */
function world(
  deployment: { resources: Resource[]; pending_operations?: { type: string; resource: Resource }[] },
  ids: string[],
) {
  const lines: string[] = [];
  const calls: string[] = [];
  let record = JSON.stringify({ version: 3, deployment });
  const engine = {
    lines,
    calls,
    failing: "",
    resources: () => JSON.parse(record).deployment.resources as Resource[],
    recover: () =>
      recover({
        async pulumi(...words) {
          const call = words.slice(0, 2).join(" ");
          calls.push(call);
          if (call === engine.failing) throw new Error(`${call} failed`);
          if (call === "stack export") return record;
          if (call === "stack import") {
            const { version, deployment } = JSON.parse(await readFile(words[3]!, "utf8"));
            record = JSON.stringify({
              version,
              deployment: { ...deployment, pending_operations: undefined },
            });
          } else {
            const found = engine.resources().filter(({ id = "" }) => !id.startsWith("/") || ids.includes(id));
            const read = found.map(({ initErrors: _, ...one }) =>
              one.id?.startsWith("/")
                ? { ...one, inputs: { ...one.inputs, more: 1 }, outputs: { sku: "Basic" } }
                : one,
            );
            record = JSON.stringify({ version: 3, deployment: { resources: read } });
          }
          return "";
        },
        subscriptionId: "sub",
        ask: async (path) => ({ status: 200, body: { value: path.includes("/full/") ? [{}] : [] } }),
        report: (line) => lines.push(line),
      }),
  };
  return engine;
}

const creating = (one: Resource) => ({ type: "creating", resource: one });

test("where nothing was cut off nothing is done", async () => {
  const engine = world({ resources: [first] }, []);
  expect(await engine.recover()).toBe(false);
  expect(engine.calls).toEqual(["stack export"]);
});

test("what Azure has created is in the record, with what was sent; what it has not is not", async () => {
  const cut = [creating(group), creating(registry)];
  const engine = world({ resources: [first], pending_operations: cut }, [registryId]);
  expect(await engine.recover()).toBe(true);
  expect(engine.resources()).toEqual([first, { ...registry, id: registryId, outputs: { sku: "Basic" } }]);
  expect(engine.lines).toEqual([
    "Interrupted while creating group.",
    "Interrupted while creating registry.",
    asked,
    "group was not created.",
    "registry is there.",
  ]);
});

test("an image or a value is made anew; what was updated or deleted is what the engine's refresh finds", async () => {
  const image = resource("docker:index/image:Image", "image", { imageName: "cr1/app:latest" });
  const there = { ...registry, id: registryId };
  const cut = [creating(image), { type: "deleting", resource: there }];
  const engine = world({ resources: [first, there], pending_operations: cut }, []);
  expect(await engine.recover()).toBe(true);
  expect(engine.calls).toEqual(["stack export", "stack import", "refresh --yes"]);
  expect(engine.resources()).toEqual([first]);
});

test("a resource that was to replace another one takes its place, and the other one is to be deleted", async () => {
  const old = { ...registry, id: registryId, inputs: { ...registry.inputs, registryName: "cr0" } };
  const dependent = resource("docker:index/image:Image", "image", {});
  const made = registryId.replace("cr1", "cr2");
  const next = { ...registry, inputs: { ...registry.inputs, registryName: "cr2" } };
  const engine = world({ resources: [first, old, dependent], pending_operations: [creating(next)] }, [
    registryId,
    made,
  ]);
  await engine.recover();
  expect(engine.resources()).toMatchObject([
    first,
    { id: made, inputs: next.inputs },
    { id: registryId, delete: true },
    dependent,
  ]);
});

test("where that one was not created, the other one stays", async () => {
  const old = { ...registry, id: registryId };
  const next = { ...registry, inputs: { ...registry.inputs, registryName: "cr2" } };
  const engine = world({ resources: [first, old], pending_operations: [creating(next)] }, [registryId]);
  await engine.recover();
  expect(engine.resources()).toMatchObject([first, { id: registryId, delete: false }]);
});

test("a creation that was cut off twice is one resource, which nothing is to delete", async () => {
  // The engine puts what an earlier deployment left behind what it does itself.
  const latest = { ...registry, inputs: { ...registry.inputs, adminUserEnabled: true } };
  const cut = [creating(latest), creating(registry)];
  const engine = world({ resources: [first], pending_operations: cut }, [registryId]);
  await engine.recover();
  expect(engine.resources()).toEqual([first, { ...latest, id: registryId, outputs: { sku: "Basic" } }]);
  expect(engine.lines).toEqual(["Interrupted while creating registry.", asked, "registry is there."]);
});

test("what a later deployment has created by itself stays as it is recorded", async () => {
  const there = { ...registry, id: registryId.replace("resourceGroups", "resourcegroups") };
  const engine = world({ resources: [first, there], pending_operations: [creating(registry)] }, [there.id]);
  expect(await engine.recover()).toBe(true);
  expect(engine.resources()).toEqual([
    first,
    { ...there, inputs: { ...there.inputs, more: 1 }, outputs: { sku: "Basic" } },
  ]);
});

test("a resource group with resources was there before, and is left alone", async () => {
  const full = resource(GROUP, "group", { resourceGroupName: "full" });
  const id = "/subscriptions/sub/resourceGroups/full";
  const engine = world({ resources: [first], pending_operations: [creating(full)] }, [id]);
  expect(await engine.recover()).toBe(true);
  expect(engine.resources()).toEqual([first]);
  expect(engine.lines).toContain(
    "Resource group full has resources that are not this stack's: it is left alone.",
  );
});

test("where Azure cannot be asked, the next recovery still knows what it was to ask", async () => {
  const engine = world({ resources: [first], pending_operations: [creating(registry)] }, [registryId]);
  engine.failing = "refresh --yes";
  await expect(engine.recover()).rejects.toThrow("refresh --yes failed");
  engine.failing = "";
  expect(await engine.recover()).toBe(true);
  expect(engine.resources()).toEqual([first, { ...registry, id: registryId, outputs: { sku: "Basic" } }]);
});
