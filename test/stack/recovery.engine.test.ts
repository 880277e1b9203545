import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type * as ContainerRegistry from "@pulumi/azure-native/containerregistry/index.js";
import type * as Resources from "@pulumi/azure-native/resources/index.js";
import type * as Web from "@pulumi/azure-native/web/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recover } from "../../local/stack/recovery.ts";
import { subscriptionId } from "../azure/local-azure.ts";
import { WebApps } from "../azure/web/web-apps.ts";
import { createTestStack, type Json, type TestStack } from "../plugins/stack.ts";

/** The engine's own record and refresh: what the kill of an engine leaves in it is written by hand here. */

const load = createRequire(import.meta.url);
const containerregistry: typeof ContainerRegistry = load("@pulumi/azure-native/containerregistry");
const resources: typeof Resources = load("@pulumi/azure-native/resources");
const web: typeof Web = load("@pulumi/azure-native/web");

const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-recovery`;
const registries = `${group}/providers/Microsoft.ContainerRegistry/registries`;
const settings = { registryName: "recovery1" };

let apps: WebApps;
let run: TestStack;

beforeAll(async () => {
  apps = new WebApps();
  await apps.start();
  const { azure, ca } = apps.local;
  run = await createTestStack({ azure: { ...azure.access, ca } });
  run.program = program;
  await run.stack.up();
});
afterAll(async () => {
  await run?.dispose();
  await apps?.local.dispose();
});

async function program() {
  const location = "westeurope";
  const made = new resources.ResourceGroup("group", { resourceGroupName: "rg-recovery", location });
  const resourceGroupName = made.name;
  new web.AppServicePlan("plan", {
    ...{ resourceGroupName, name: "plan", location, kind: "linux", reserved: true },
    sku: { name: "B1", capacity: 1 },
  });
  new containerregistry.Registry(
    "registry",
    { resourceGroupName, location, registryName: settings.registryName, sku: { name: "Basic" } },
    { deleteBeforeReplace: false },
  );
}

/** Changes the record's file. */
async function edit(
  change: (latest: { resources: Json[]; pending_operations?: Json[] }) => void,
): Promise<void> {
  const file = join(run.workDirectory, ".pulumi", "stacks", "providers", "test.json");
  const record = JSON.parse(await readFile(file, "utf8"));
  change(record.checkpoint.latest);
  await writeFile(file, JSON.stringify(record));
}

const isNamed = (name: string) => (resource: Json) => resource.urn.endsWith(`::${name}`);

/** What the engine records before it asks for a creation. */
function creating({ id: _, outputs: __, ...resource }: Json): Json {
  return { type: "creating", resource };
}

async function recovered(): Promise<string[]> {
  const lines: string[] = [];
  await recover({
    async pulumi(...words) {
      const options = {
        cwd: run.workDirectory,
        env: { ...process.env, ...run.environment },
        maxBuffer: 2 ** 28,
      };
      const argv = [...words, "--stack", "test", "--non-interactive"];
      return (await promisify(execFile)(run.pulumi, argv, options)).stdout;
    },
    subscriptionId,
    ask: async () => ({ status: 200, body: { value: [{}] } }),
    report: (line) => lines.push(line),
  });
  return lines;
}

const registriesOnAzure = async () =>
  (await apps.local.arm("GET", registries)).json.value.map(({ name }: { name: string }) => name).sort();

test("what Azure has created needs no change, though Azure has set more than was sent", async () => {
  await edit((latest) => {
    const cut = latest.resources.filter((one) => isNamed("plan")(one) || isNamed("registry")(one));
    latest.resources = latest.resources.filter((one) => !cut.includes(one));
    latest.pending_operations = cut.map(creating);
  });
  expect(await recovered()).toContain("plan is there.");
  expect((await run.stack.preview()).changeSummary).toEqual({ same: 4 });
});

test("a new one that was to replace the old one does so, and the old one goes", async () => {
  const { location, sku } = (await apps.local.arm("GET", `${registries}/recovery1`)).json;
  await apps.local.arm("PUT", `${registries}/recovery2`, { location, sku });
  settings.registryName = "recovery2";
  await edit((latest) => {
    const { inputs, ...old } = latest.resources.find(isNamed("registry"));
    latest.pending_operations = [creating({ ...old, inputs: { ...inputs, registryName: "recovery2" } })];
  });
  await recovered();
  expect(await registriesOnAzure()).toEqual(["recovery1", "recovery2"]);
  // The summary does not count the end of a replacement.
  expect((await run.stack.up()).summary.resourceChanges).toEqual({ same: 4 });
  expect(await registriesOnAzure()).toEqual(["recovery2"]);
});

test("where that one was not created, the next up creates it", async () => {
  settings.registryName = "recovery3";
  await edit((latest) => {
    const { inputs, ...old } = latest.resources.find(isNamed("registry"));
    latest.pending_operations = [creating({ ...old, inputs: { ...inputs, registryName: "recovery3" } })];
  });
  expect(await recovered()).toContain("registry was not created.");
  expect((await run.stack.up()).summary.resourceChanges).toEqual({ same: 3, replace: 1 });
  expect(await registriesOnAzure()).toEqual(["recovery3"]);
});
