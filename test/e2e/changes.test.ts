import { execFile } from "node:child_process";
import { readFile, unlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Clone, containersOf } from "./clone.ts";
import { ResourceManager } from "./resource-manager.ts";
import { forms, placesWith, searchablePlaces } from "./secrets.ts";

/** What happens to a living stack when what is deployed changes, or breaks. */

const execute = promisify(execFile);
let clone: Clone;
let resourceManager: ResourceManager;
let outputs: Record<string, string>;
/** The registry's, which no output may show. */
let passwords: string[];
/** Files that a test changed, with what they held. */
let changed = new Map<string, Buffer>();

beforeAll(async () => {
  clone = await Clone.create();
  await clone.succeed();
  outputs = await clone.outputs();
  resourceManager = await ResourceManager.of(clone);
  passwords = await resourceManager.registryPasswords(outputs.resourceGroupName ?? "");
});
afterAll(() => clone?.dispose());
beforeEach(() => {
  changed = new Map();
});
afterEach(restore);

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const file = clone.file(path);
  const before = await readFile(file);
  if (!changed.has(path)) changed.set(path, before);
  const after = change(before.toString("utf8"));
  expect(after, `the edit of ${path} changes it`).not.toBe(before.toString("utf8"));
  await writeFile(file, after);
}

async function restore(): Promise<void> {
  for (const [path, before] of changed) await writeFile(clone.file(path), before);
  changed.clear();
}

/** Asks the ready path over and over while `work` runs; resolves with the revisions that answered 200, and failures. */
async function whileAsking<T>(
  work: Promise<T>,
): Promise<{ result: T; revisions: Set<string>; failures: string[] }> {
  const revisions = new Set<string>();
  const failures: string[] = [];
  let going = true;
  const asking = (async () => {
    while (going) {
      const response = await fetch(`${outputs.baseUrl}/v2/health/ready`);
      await response.arrayBuffer();
      if (response.ok) revisions.add(response.headers.get("x-scoring-revision") ?? "");
      else failures.push(`${response.status}`);
    }
  })();
  const result = await work.finally(() => {
    going = false;
  });
  await asking;
  return { result, revisions, failures };
}

/** What Node and the SDK print of an error that nobody has put into a sentence. */
const notOurs = /PromiseRejectionHandledWarning|unhandled exception|\n {4,}at /;

async function log(): Promise<string> {
  return (await clone.succeed("logs")).stdout;
}

const site = () => `Microsoft.Web/sites/${outputs.webAppName}`;
const post = (path: string, body?: object) =>
  resourceManager.send("POST", outputs.resourceGroupName ?? "", path, body);

test("a model file that is missing: one sentence says so, and nothing changes", async () => {
  const file = "scoring-app/model/model.onnx";
  changed.set(file, await readFile(clone.file(file)));
  await unlink(clone.file(file));
  const { result, failures } = await whileAsking(clone.local("up"));
  expect(result.status).not.toBe(0);
  expect(result.stdout).toContain(
    'model is "scoring-app/model": holds no model: name a folder with model.onnx',
  );
  expect(failures).toEqual([]);
  await restore();
  expect((await clone.succeed("preview")).stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
});

test("an edited line of the app updates image and web app in place, and the new answer is served", async () => {
  await edit("scoring-app/src/routes/health.ts", (text) => text.replace('"Healthy"', '"Healthy and edited"'));
  const { result, failures, revisions } = await whileAsking(clone.succeed());
  expect(result.stdout).toMatch(/~ 2 updated/);
  expect(result.stdout).not.toMatch(/created|replaced|deleted/);
  expect(failures).toEqual([]);
  expect(revisions.size).toBe(2);
  expect(await (await fetch(`${outputs.baseUrl}/`)).text()).toContain("Healthy and edited");
  // The line stays, so that what follows is the next up's only change.
  changed.clear();
});

test("an older image set behind the program's back: up says so, and a refresh with the next up brings the right one back", async () => {
  const { imageReference } = await clone.outputs();
  expect(imageReference).not.toBe(outputs.imageReference);
  const served = async () => (await fetch(`${outputs.baseUrl}/`)).text();
  await resourceManager.send("PATCH", outputs.resourceGroupName ?? "", `${site()}/config/web`, {
    properties: { linuxFxVersion: `DOCKER|${outputs.imageReference}` },
  });
  // The older image echoes the revision, which is an app setting.
  await expect.poll(served, { timeout: 60_000, interval: 500 }).not.toContain("Healthy and edited");
  const { status, stdout, stderr } = await clone.local("up");
  expect(status).not.toBe(0);
  expect(`${stdout}${stderr}`).not.toMatch(notOurs);
  expect(stdout).toContain(
    `The web app ${outputs.webAppName} is set to run DOCKER|${outputs.imageReference} instead of DOCKER|${imageReference}`,
  );
  await clone.succeed("refresh");
  const { result, failures } = await whileAsking(clone.succeed());
  expect(await served()).toContain("Healthy and edited");
  expect(result.stdout).toMatch(/~ 1 updated/);
  expect(failures).toEqual([]);
});

test("the registry's admin user turned off behind the program's back: up says in one sentence what helps, and it does", async () => {
  const registry = await resourceManager.registry(outputs.resourceGroupName ?? "");
  const off = { properties: { adminUserEnabled: false } };
  await resourceManager.send("PATCH", outputs.resourceGroupName ?? "", registry, off);
  for (const command of ["preview", "up"]) {
    const { status, stdout, stderr } = await clone.local(command);
    expect(status).not.toBe(0);
    const told = `${stdout}${stderr}`;
    // The engine shows a diagnostic when it comes, and all of them at the end.
    expect(
      told.split("Diagnostics:")[1]?.match(/The container registry's password could not be read: .*/g),
    ).toEqual([expect.stringContaining("admin user is disabled")]);
    expect(told).toContain("somebody turned it off; `pulumi up --refresh`");
    expect(told).not.toMatch(notOurs);
  }
  await clone.succeed("refresh");
  expect((await clone.succeed()).stdout).toContain("Patients: 442 of 442");
});

test("an image that the registry has lost: up says what pushes it again, and that does", async () => {
  const { imageReference = "" } = await clone.outputs();
  const [password = ""] = await resourceManager.registryPasswords(outputs.resourceGroupName ?? "");
  const name = (await resourceManager.registry(outputs.resourceGroupName ?? "")).split("/").at(-1);
  const login = `https://${outputs.registryLoginServer}`;
  const scope = "repository:scoring-app:delete";
  const tokens = await fetch(`${login}/oauth2/token?service=${outputs.registryLoginServer}&scope=${scope}`, {
    headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` },
  });
  const { access_token } = (await tokens.json()) as { access_token: string };
  const [, digest] = imageReference.split("@");
  const purged = await fetch(`${login}/v2/scoring-app/manifests/${digest}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${access_token}` },
  });
  expect(purged.status).toBe(202);
  await post(`${site()}/stop`);
  await post(`${site()}/start`);
  const { status, stdout } = await clone.local("up");
  expect(status).not.toBe(0);
  const remedy = /`pulumi up --replace '(.+?)'`/.exec(stdout)?.[1] ?? "";
  expect(stdout).toContain("the platform has failed to start it");
  expect((await clone.succeed("up", "--replace", remedy)).stdout).toContain("Patients: 442 of 442");
});

test("a registry password regenerated behind the program's back fails the next pull, and the next up repairs it", async () => {
  const registry = await resourceManager.registry(outputs.resourceGroupName ?? "");
  expect(outputs.imageReference).toMatch(new RegExp(`^${outputs.registryLoginServer}/`));
  await post(`${registry}/regenerateCredential`, { name: "password" });
  await post(`${site()}/restart`);
  await expect.poll(log, { timeout: 60_000, interval: 500 }).toContain("unauthorized");
  const { stdout } = await clone.succeed();
  expect(stdout).toContain("Patients: 442 of 442");
  await post(`${site()}/restart`);
});

// A container's last words are in the log only: the build's output has none of them.
test("an image that crashes at start, as with a model that is not ONNX: up fails with the container's last lines, and the old one goes on serving", async () => {
  await edit("scoring-app/model/model.onnx", () => "this is no model");
  const { result, failures, revisions } = await whileAsking(clone.local("up"));
  expect(result.status).not.toBe(0);
  expect(result.stdout).toContain("model/model.onnx is not an ONNX file");
  // Three decide; the log is read every five seconds, and may have one more by then.
  expect(result.stdout).toMatch(/not starting: the platform has failed to start it [3-9] times/);
  expect(result.stdout).toContain("az webapp log tail");
  expect(`${result.stdout}${result.stderr}`).not.toMatch(notOurs);
  expect(failures).toEqual([]);
  expect(revisions.size).toBe(1);
});

test("another model.onnx than its trainer's is never ready, and up says by how much it is off; without expected it changes the deployed answer", async () => {
  const body = JSON.stringify({ data: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] });
  const ask = async () =>
    (await (
      await fetch(outputs.scoringUrl ?? "", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      })
    ).json()) as number[];
  const [before] = await ask();
  // The intercept of the committed model, a little larger.
  const file = clone.file("scoring-app/model/model.onnx");
  const model = await readFile(file);
  changed.set("scoring-app/model/model.onnx", Buffer.from(model));
  const at = model.indexOf(Buffer.from("intercepts")) + "intercepts".length;
  const offset = model.indexOf(0x3d, at) === at ? at + 1 : at + 2;
  model.writeFloatLE(model.readFloatLE(offset) + 100, offset);
  await writeFile(file, model);
  const refused = await clone.local("up");
  expect(refused.status).not.toBe(0);
  expect(refused.stdout).toMatch(/computes otherwise than \S+expected\S+ in model.json: .*\(off by 100/);
  await edit("scoring-app/model/model.json", (text) =>
    JSON.stringify({ ...JSON.parse(text), expected: undefined }),
  );
  await clone.succeed();
  const [after] = await ask();
  expect(after).toBeCloseTo((before ?? 0) + 100, 0);
});

test("a wrong password set on a stopped app: started, it logs unauthorized", async () => {
  const settings = (await (await post(`${site()}/config/appsettings/list`)).json()) as {
    properties: Record<string, string>;
  };
  await post(`${site()}/stop`);
  expect((await fetch(outputs.baseUrl ?? "")).status).toBe(403);
  await resourceManager.send("PUT", outputs.resourceGroupName ?? "", `${site()}/config/appsettings`, {
    properties: { ...settings.properties, DOCKER_REGISTRY_SERVER_PASSWORD: "wrong" },
  });
  const before = (await log()).split("unauthorized").length;
  await post(`${site()}/start`);
  await expect
    .poll(async () => (await log()).split("unauthorized").length, { timeout: 60_000, interval: 500 })
    .toBeGreaterThan(before);
  await resourceManager.send("PUT", outputs.resourceGroupName ?? "", `${site()}/config/appsettings`, {
    properties: settings.properties,
  });
  const answer = async () => (await fetch(`${outputs.baseUrl}/v2/health/ready`)).status;
  await expect.poll(answer, { timeout: 60_000, interval: 500 }).toBe(200);
});

test("a value is found in base64 of whatever is around it", () => {
  for (const text of ["secret-value", "u:secret-value", "us:secret-value", '{"p":"secret-value"}']) {
    for (const coding of ["base64", "base64url"] as const) {
      const coded = Buffer.from(`${text}>?`).toString(coding);
      expect(forms("secret-value").filter((form) => coded.includes(form))).not.toEqual([]);
    }
  }
});

test("no registry password is in state, files, output, images, containers or arguments; planted values are", async () => {
  passwords.push(...(await resourceManager.registryPasswords(outputs.resourceGroupName ?? "")));
  // One was regenerated in between.
  expect(new Set(passwords).size).toBe(3);
  expect(passwords.every((password) => password.length > 20)).toBe(true);
  const planted = `planted-${process.pid}`;
  await edit("scoring-app/Dockerfile", (text) => `${text}LABEL planted=${planted}\n`);
  await edit("Pulumi.dev.yaml", (text) => `${text}  tags: {planted: ${planted}}\n`);
  // After another model, a failure and a repair: the committed model serves again.
  expect((await clone.succeed()).stdout).toContain("Patients: 442 of 442");
  const holder = clone.start("node", ["-e", "setInterval(() => undefined, 60_000)", planted]);
  await clone.run("echo", [planted]);
  const places = await searchablePlaces(clone);
  process.kill(holder.pid);
  await holder.ended;
  expect(await placesWith(places, passwords)).toEqual([]);
  expect(await placesWith(places, [planted])).toEqual(Object.keys(places));
});

test("the container is not given the registry's credentials", async () => {
  const { stdout } = await clone.run("docker", ["inspect", ...(await containersOf(clone))]);
  expect(stdout).toContain("SCORING_REVISION=");
  expect(stdout).not.toContain("DOCKER_REGISTRY_SERVER_");
});

test("the state is for its owner only", async () => {
  const folder = await execute("find", [clone.file(".local"), "-maxdepth", "0", "-perm", "/077"]);
  expect(folder.stdout).toBe("");
  // What engine and registry write, with the shell's own mask, is behind the folder's 0700.
  const files = await execute("find", [clone.file(".local"), "-type", "f", "-perm", "/077"]);
  expect(
    files.stdout
      .split("\n")
      .filter((file) => file !== "" && !/\/\.local\/(pulumi|azure\/registries)\//.test(file)),
  ).toEqual([]);
});
