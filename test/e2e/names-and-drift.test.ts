import { readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { Clone } from "./clone.ts";
import { drifts, MADE } from "./drifts.ts";
import { ResourceManager } from "./resource-manager.ts";

/** What a preview tells, what comes back, and what a changed name does to a living service. */

const SECRET = `planted-secret-${process.pid}`;
let clone: Clone;
let resourceManager: ResourceManager;
let outputs: Record<string, string>;
let settings: Record<string, unknown>;
const changed = new Map<string, string>();

beforeAll(async () => {
  clone = await Clone.create();
  settings = parse(await readFile(clone.file("Pulumi.dev.yaml"), "utf8")).config;
  await set({ appSettings: { SHOWN: "before" }, secretAppSettings: { MASKED: SECRET } });
  await clone.succeed();
  outputs = await clone.outputs();
  resourceManager = await ResourceManager.of(clone);
});
afterAll(() => clone?.dispose());
afterEach(async () => {
  for (const [file, text] of changed) await writeFile(clone.file(file), text);
  changed.clear();
});

/** Changes settings; undefined takes one out. */
async function set(own: Record<string, unknown>): Promise<void> {
  settings = JSON.parse(JSON.stringify({ ...settings, ...own }));
  await writeFile(clone.file("Pulumi.dev.yaml"), stringify({ config: settings }));
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(clone.file(file), "utf8");
  changed.set(file, before);
  await writeFile(clone.file(file), change(before));
}

const group = () => outputs.resourceGroupName ?? "";
const names = async (type: string, of = group()) =>
  (await resourceManager.list(of, type)).map(({ name }) => name);
const PLANS = "Microsoft.Web/serverfarms";
const SITES = "Microsoft.Web/sites";
const REGISTRIES = "Microsoft.ContainerRegistry/registries";
const site = () => `${SITES}/${outputs.webAppName}`;
// biome-ignore lint/suspicious/noExplicitAny: a body.
const read = async (path: string): Promise<any> => (await resourceManager.send("GET", group(), path)).json();
const unchanged = /Resources:\n\s+\d+ unchanged\n/;

/** Asks the app that answers now over and over while `work` runs; resolves with what did not answer 200. */
async function whileAsking<T>(work: Promise<T>): Promise<{ result: T; failures: string[] }> {
  const failures: string[] = [];
  const { baseUrl } = outputs;
  let going = true;
  const asking = (async () => {
    while (going) {
      const status = await fetch(`${baseUrl}/v2/health/ready`).then(
        async (response) => (await response.text()) && `${response.status}`,
        (error: Error) => error.message,
      );
      if (status !== "200") failures.push(status);
    }
  })();
  const result = await work.finally(() => {
    going = false;
  });
  await asking;
  return { result, failures };
}

async function upWhileAsking(): Promise<string[]> {
  const { failures } = await whileAsking(clone.succeed());
  outputs = await clone.outputs();
  return failures;
}

test("a preview shows image, health path and app settings, old and new, and no secret", async () => {
  await set({ appSettings: { SHOWN: "after" } });
  await edit("scoring-app/src/routes/health.ts", (text) => text.replace('"Healthy"', '"Healthy, edited"'));
  await edit("components/hosting/web-app.ts", (text) =>
    text
      .replace("[READY_PATH,", '["/v2/health/live",')
      .replace(/\[\s*web\.SupportedTlsVersions\.\w+,/, "[web.SupportedTlsVersions.SupportedTlsVersions_1_3,"),
  );
  const { stdout } = await clone.shell("pulumi preview --diff --non-interactive --show-sames=false");
  expect(stdout).toMatch(/linuxFxVersion\s*: "DOCKER\|[^"]+@sha256:[0-9a-f]{64}" => \[unknown\]/);
  expect(stdout).toMatch(/minTlsVersion\s*: "1\.2" => "1\.3"/);
  expect(stdout).toMatch(/healthCheckPath\s*: "\/v2\/health\/ready" => "\/v2\/health\/live"/);
  expect(stdout).toMatch(/SHOWN\s*: "before" => "after"/);
  expect(stdout).not.toMatch(/siteConfig\s*: \[secret\]/);
  expect(stdout).not.toContain(SECRET);
  await set({ appSettings: { SHOWN: "before" } });
});

test("neither the exported state nor what was printed has the value of a secret app setting, after a refresh too", async () => {
  await clone.succeed("refresh");
  const { stdout: state } = await clone.shell("pulumi stack export");
  expect(state).toContain('"before"');
  expect(state).not.toContain(SECRET);
  expect(clone.runs.map(({ stdout, stderr }) => stdout + stderr).join("\n")).not.toContain(SECRET);
});

test("what was changed by the resource manager is undone by refresh and up, member by member, and then there is nothing to do", async () => {
  const tables = drifts(site(), `${REGISTRIES}/${(await names(REGISTRIES))[0]}`);
  const within = (at: string[], value: unknown): object =>
    at.reduceRight((inner, name) => ({ [name]: inner }), value) as object;
  const kept: [path: string, at: string[], member: string, wanted: unknown][] = [];
  for (const { table, path, at, drift } of tables) {
    expect(Object.keys(drift)).toEqual(Object.keys(table));
    for (const [member, how] of Object.entries(drift)) {
      if (how === MADE) continue;
      const to = "to" in how ? how.to : how.refused;
      const patch = resourceManager.send("PATCH", group(), path, within(at, { [member]: to }));
      if ("refused" in how) {
        await expect(patch, member).rejects.toThrow("400");
        continue;
      }
      await patch;
      kept.push([path, at, member, table[member]?.[0]]);
    }
  }
  const config = `${site()}/config/web`;
  kept.push([config, ["properties"], "linuxFxVersion", (await read(config)).properties.linuxFxVersion]);
  await resourceManager.send("PATCH", group(), config, { properties: { linuxFxVersion: "" } });
  await resourceManager.send("PATCH", group(), tables[0]!.path, { sku: { name: "S1", capacity: 2 } });
  await clone.succeed("refresh");
  expect((await clone.succeed()).stdout).toMatch(/~ 3 updated/);
  for (const [path, at, member, wanted] of kept) {
    const found = at.reduce((body, name) => body[name], await read(path));
    const expected = typeof wanted === "object" ? expect.objectContaining(wanted as object) : wanted;
    expect(found[member], `${path} ${member}`).toEqual(expected);
  }
  expect((await read(tables[0]!.path)).sku).toMatchObject({ name: "B1", capacity: 1 });
  for (const command of ["preview", "refresh", "preview"])
    expect((await clone.succeed(command)).stdout).toMatch(unchanged);
});

test("the revision's app setting changed by the resource manager: up says so at once, and a changed tag sends all anew", async () => {
  const path = `${site()}/config/appsettings`;
  const list = async () => {
    const answer = await resourceManager.send("POST", group(), `${path}/list`);
    const { properties } = (await answer.json()) as { properties: Record<string, string> };
    return properties;
  };
  const properties = await list();
  await resourceManager.send("PUT", group(), path, { properties: { ...properties, SCORING_REVISION: "x" } });
  const since = performance.now();
  const { status, stdout } = await clone.local("up");
  expect(status).not.toBe(0);
  expect(performance.now() - since).toBeLessThan(60_000);
  expect(stdout).toMatch(
    /error: The web app \S+ is set to run with SCORING_REVISION "x" instead of "\w{16}": somebody changed it/,
  );
  await set({ tags: { mended: "yes" } });
  await clone.succeed();
  expect(await list()).toEqual(properties);
});

test("a changed planName moves the app while it answers, and the old plan goes last", async () => {
  await set({ planName: "plan-2" });
  expect(await upWhileAsking()).toEqual([]);
  expect(await names(PLANS)).toEqual(["plan-2"]);
});

test("a plan that Azure has put into another webspace is told in one sentence, and the app goes on", async () => {
  const [here, there] = ["name: args.planName", 'location: "northeurope", name: args.planName'];
  await edit("components/hosting/plan.ts", (text) => text.replace(here, there));
  await set({ planName: "plan-3" });
  const { result, failures } = await whileAsking(clone.local("up"));
  expect(result.status).not.toBe(0);
  expect(result.stdout).toMatch(/error: Azure does not move the web app .* set webAppName anew too, or/);
  expect(failures).toEqual([]);
  await edit("components/hosting/plan.ts", (text) => text.replace(there, here));
  changed.clear();
  await set({ planName: "plan-4" });
  await clone.succeed();
  expect(await names(PLANS)).toEqual(["plan-4"]);
});

test("a name in another case than the deployed one's is refused in one sentence, and nothing is touched", async () => {
  await set({ planName: "Plan-4" });
  for (const command of ["preview", "up"]) {
    const { status, stdout } = await clone.local(command);
    expect(status).not.toBe(0);
    expect(stdout).toContain('error: planName "Plan-4" is deployed as "plan-4", the same name to Azure');
  }
  await set({ planName: "plan-4" });
  expect((await clone.succeed("preview")).stdout).toMatch(unchanged);
});

test("a changed registryName and a build that fails leave an app that can start again; mended, the new one takes over", async () => {
  const [old] = await names(REGISTRIES);
  const renamed = `cr${process.pid}new`;
  await set({ registryName: renamed });
  await edit("scoring-app/Dockerfile", (text) => `${text}RUN false\n`);
  const { result, failures } = await whileAsking(clone.local("up"));
  expect(result.status).not.toBe(0);
  expect(failures).toEqual([]);
  expect((await names(REGISTRIES)).sort()).toEqual([old, renamed].sort());
  await resourceManager.send("POST", group(), `${site()}/restart`);
  const log = async () => (await clone.succeed("logs")).stdout;
  await expect.poll(async () => (await fetch(`${outputs.baseUrl}/v2/health/ready`)).status).toBe(200);
  expect(await log()).not.toContain("unauthorized");
  await edit("scoring-app/Dockerfile", (text) => text.replace("RUN false\n", ""));
  changed.clear();
  expect(await upWhileAsking()).toEqual([]);
  expect(await names(REGISTRIES)).toEqual([renamed]);
});

test("a changed webAppName makes the new app before the old one goes", async () => {
  const renamed = `app-${process.pid}-new`;
  await set({ webAppName: renamed });
  const asked = fetchUntilGone(`${outputs.baseUrl}/v2/health/ready`);
  await clone.succeed();
  const { last, gone } = await asked;
  expect(last.filter((status) => status !== 200)).toEqual([]);
  outputs = await clone.outputs();
  expect(outputs.webAppName).toBe(renamed);
  expect(gone).toBe(true);
  expect(await names(SITES)).toEqual([renamed]);
});

/** Statuses until nothing listens any more, or the old app is not known any more. */
async function fetchUntilGone(url: string): Promise<{ last: number[]; gone: boolean }> {
  const last: number[] = [];
  const end = Date.now() + 300_000;
  while (Date.now() < end) {
    try {
      last.push((await fetch(url)).status);
    } catch {
      return { last, gone: true };
    }
  }
  return { last, gone: false };
}

test("a changed resourceGroupName is refused while names are given, and takes everything along without them", async () => {
  const [oldGroup, before] = [group(), outputs];
  await set({ resourceGroupName: "rg-moved" });
  for (const command of ["preview", "up"]) {
    const { status, stdout } = await clone.local(command);
    expect(status).not.toBe(0);
    expect(stdout).toMatch(
      /error: registryName "[^"]+" and webAppName "[^"]+": taken outside of resource group rg-moved,/,
    );
  }
  expect(await resourceManager.groups()).toEqual([oldGroup]);
  await set({ registryName: undefined, webAppName: undefined });
  await clone.succeed();
  outputs = await clone.outputs();
  expect(await resourceManager.groups()).toEqual(["rg-moved"]);
  expect(outputs.webAppName).not.toBe(before.webAppName);
  expect(outputs.registryLoginServer).not.toBe(before.registryLoginServer);
  await set({ "azure-native:location": "northeurope" });
  for (const command of ["preview", "up"]) {
    const { status, stdout } = await clone.local(command);
    expect(status).not.toBe(0);
    expect(stdout).toContain(
      "error: azure-native:location is northeurope, and resource group rg-moved is in westeurope: ",
    );
  }
  // Once more, with generated names only: another suffix; and to the other location.
  await set({ resourceGroupName: "rg-moved-again" });
  const first = outputs.webAppName;
  await clone.succeed();
  outputs = await clone.outputs();
  expect(outputs.webAppName).not.toBe(first);
  expect(await resourceManager.groups()).toEqual(["rg-moved-again"]);
  expect((await read(`${SITES}/${outputs.webAppName}`)).location).toMatch(/North ?Europe/i);
  // Azure's names are the same in any case, and a group's is so to its provider.
  await set({ resourceGroupName: "RG-moved-again" });
  expect((await clone.succeed("preview")).stdout).toMatch(unchanged);
});
