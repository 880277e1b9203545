import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeImageReferences } from "../../local/azure/container-registry/runtime/images.ts";
import { withCleanUp } from "../../local/system/clean-up.mjs";
import { processesWith, startOf } from "../../local/system/processes.ts";
import { Clone, containersOf } from "./clone.ts";
import { ResourceManager } from "./resource-manager.ts";

/** One stack through crashes, restarts and other stacks and clones beside it. */

let clone: Clone;
let outputs: Record<string, string>;

beforeAll(async () => {
  clone = await Clone.create();
});
afterAll(() => clone?.dispose());

/** Ends the output of an engine's run that found nothing to do. */
const unchanged = /Resources:\n\s+\d+ unchanged\n/;

async function answers(): Promise<boolean> {
  const ask = `curl -sS -o /dev/null -w '%{http_code}' --retry 20 --retry-all-errors '${outputs.baseUrl}/v2/health/ready'`;
  return (await clone.shell(ask)).stdout === "200";
}

test("the engine killed in the middle of an up: the next one takes over what Azure has, and finishes the work", async () => {
  const up = clone.start("npm", ["run", "-s", "local"]);
  await up.printed("azure-native:containerregistry:Registry scoring-registry creating");
  // It shows a step before it has recorded it.
  const underWay = async () => JSON.stringify((await clone.record()).pending_operations);
  await expect.poll(underWay, { interval: 20, timeout: 60_000 }).toContain("::scoring-registry");
  const [engine, ...others] = await processesWith(
    (argument) => argument === clone.file(".local/pulumi/engine/bin/pulumi"),
  );
  expect(others).toEqual([]);
  // Not "?? 0": that would be this process and all of its group.
  process.kill(engine!, "SIGKILL");
  expect((await up.ended).status).toBe(1);
  const { stdout, stderr } = await clone.succeed();
  expect(stderr).toContain("Interrupted while creating scoring-registry.\n");
  expect(stdout).toContain("Patients: 442 of 442");
  expect(stdout).not.toMatch(/replaced|updated/);
  outputs = await clone.outputs();
  const { resourceGroupName = "" } = outputs;
  const registries = await (await ResourceManager.of(clone)).list(
    resourceGroupName,
    "Microsoft.ContainerRegistry/registries",
  );
  expect(registries).toHaveLength(1);
});

test("two npm run local at once: one waits and says for whom", async () => {
  const [first, second] = await Promise.all([clone.succeed(), clone.succeed()]);
  for (const { stdout } of [first, second]) {
    expect(stdout).toMatch(unchanged);
    expect(stdout).toContain("Patients: 442 of 442");
  }
  const waited = [first, second].filter(({ stderr }) =>
    stderr.includes("Waiting for `npm run local -- up --stack dev` (process"),
  );
  expect(waited).toHaveLength(1);
});

test("the background process killed: the next command starts it, and the stack is as it was and serving", async () => {
  const { pid } = await clone.background();
  process.kill(pid, "SIGKILL");
  const { stderr, stdout } = await clone.succeed("preview");
  expect(stderr).toContain("Starting local Azure.");
  expect(stdout).not.toMatch(/to (create|update|delete|replace)/);
  expect((await clone.background()).pid).not.toBe(pid);
  expect(await answers()).toBe(true);
});

test("the background process killed in the middle of an up: up ends in one sentence, and the next one finishes the work", async () => {
  const file = clone.file("Pulumi.dev.yaml");
  const before = await readFile(file, "utf8");
  await appendFile(file, "  appSettings: { AGAIN: yes }\n");
  const up = clone.start("npm", ["run", "-s", "local"]);
  await up.printed("Waiting for revision");
  const { pid } = await clone.background();
  process.kill(pid, "SIGKILL");
  const { status, stderr } = await up.ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(
    new RegExp(`^Local Azure \\(process ${pid}\\) has ended in the middle of \`up\`: [^\n]+\n$`),
  );
  expect((await clone.succeed()).stdout).toContain("Patients: 442 of 442");
  await writeFile(file, before);
  await clone.succeed();
  outputs = await clone.outputs();
});

test("the background process older than the code is restarted, and the stack is serving", async () => {
  const { pid } = await clone.background();
  await appendFile(clone.file("local/net/ports.ts"), "// changed\n");
  expect((await clone.succeed("status")).stdout).toContain("older code");
  expect((await clone.succeed("start")).stderr).toContain("runs older code: restarting it");
  expect((await clone.background()).pid).not.toBe(pid);
  expect(await answers()).toBe(true);
});

test("the lock of an engine that is gone, as after a reboot, holds nobody up", async () => {
  const folder = clone.file(".local/pulumi/state/.pulumi/locks/organization/azure-ml-scoring/dev");
  await mkdir(folder, { recursive: true });
  // Above the largest process id.
  await writeFile(`${folder}/gone.json`, JSON.stringify({ pid: 2 ** 22 + 1, username: "x", hostname: "x" }));
  expect((await clone.succeed("preview")).stdout).toMatch(/unchanged/);
});

test("logs --follow prints what comes, and Ctrl-C ends it in order", async () => {
  const before = await containersOf(clone);
  const follow = clone.start("npm", ["run", "-s", "local", "--", "logs", "--follow"], { terminal: true });
  await follow.printed("Startup Request");
  const manager = await ResourceManager.of(clone);
  await manager.send(
    "POST",
    outputs.resourceGroupName ?? "",
    `Microsoft.Web/sites/${outputs.webAppName}/restart`,
  );
  const newOne = async () => (await containersOf(clone)).find((id) => !before.includes(id));
  await expect.poll(newOne, { timeout: 60_000 }).toBeDefined();
  const name = await clone.run("docker", ["inspect", "-f", "{{.Name}}", (await newOne()) ?? ""]);
  await follow.printed(
    `${name.stdout.trim().slice(1)} for site ${outputs.webAppName} initialized successfully`,
  );
  process.kill(-follow.pid, "SIGINT");
  expect(await follow.ended).toMatchObject({ status: 0, stderr: "" });
});

test("stop ends the containers, start brings the stack back", async () => {
  const served = `Stack dev: ${outputs.scoringUrl}`;
  expect((await clone.succeed("status")).stdout).toContain(`${served} (its container runs)\n`);
  await clone.succeed("stop");
  expect(await containersOf(clone)).toEqual([]);
  // What only reads does not start it.
  const { stdout } = await clone.succeed("status");
  expect(stdout).toContain("Local Azure does not run");
  expect(stdout).toContain(`${served} (no container runs)\n`);
  expect(await clone.outputs()).toEqual(outputs);
  expect(await clone.local("logs")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: "Local Azure is stopped: `npm run local -- start` brings it back, with the web app.\n",
  });
  expect(await containersOf(clone)).toEqual([]);
  await clone.succeed("start");
  expect(await answers()).toBe(true);
});

test("staging, prod and a short-lived stack deploy beside dev at once, and another clone beside them", async () => {
  const other = await Clone.create();
  await cp(clone.file("Pulumi.dev.yaml"), clone.file("Pulumi.pr-17.yaml"));
  const up = "pulumi stack init pr-17 && pulumi up --yes --skip-preview --non-interactive";
  const deployAll = async () => {
    const elsewhere = other.succeed();
    const beside = [
      clone.start("npm", ["run", "-s", "local", "--", "--stack", "staging"]),
      clone.start("npm", ["run", "-s", "local", "--", "--stack", "prod"]),
      clone.start("bash", ["-c", `eval "$(npm run -s local -- env --stack pr-17)" && ${up}`]),
    ];
    let ended = 0;
    for (const one of beside) void one.ended.then(() => ended++);
    await Promise.all(beside.map((one) => one.printed("docker:index:Image scoring-image creat")));
    expect(ended).toBe(0);
    for (const one of beside) expect(await one.ended).toMatchObject({ status: 0 });
    expect((await elsewhere).stdout).toContain("Patients: 442 of 442");
    const ports = async (of: Clone) =>
      Object.values(
        JSON.parse(await readFile(of.file(".local/ports.json"), "utf8")) as Record<string, number>,
      );
    const mine = await ports(clone);
    expect((await ports(other)).filter((port) => mine.includes(port))).toEqual([]);
  };
  await withCleanUp(deployAll, () => other.dispose());
  expect(await answers()).toBe(true);
  const manager = await ResourceManager.of(clone);
  const plans = await manager.list("rg-azure-ml-scoring-prod", "Microsoft.Web/serverfarms");
  expect(plans).toMatchObject([{ sku: { name: "P0v3", capacity: 2 } }]);
});

test("each stack has everything of its own, and the destruction of others leaves dev as it was", async () => {
  const stacks = ["prod", "staging", "pr-17"];
  for (const stack of stacks) {
    const theirs = JSON.parse((await clone.succeed("outputs", "--json", "--stack", stack)).stdout);
    expect(Object.keys(theirs)).toEqual(Object.keys(outputs));
    for (const [name, value] of Object.entries(theirs)) expect(value).not.toBe(outputs[name]);
    const logs = await clone.succeed("logs", "--stack", stack);
    expect(logs.stdout).toContain(theirs.webAppName);
  }
  expect((await clone.succeed("status")).stdout).toMatch(
    /^Stack dev: .+\nStack pr-17: .+\nStack prod: .+\nStack staging: /m,
  );
  expect((await clone.succeed("preview", "--stack", "staging")).stdout).toMatch(unchanged);
  const manager = await ResourceManager.of(clone);
  const ofDev = (ids: string[]) => ids.filter((id) => id.includes(outputs.resourceGroupName!));
  const before = ofDev(await manager.ids());
  const remove = "pulumi destroy --yes --skip-preview --remove --non-interactive";
  await Promise.all([
    clone.succeed("destroy", "--stack", "staging"),
    clone.succeed("destroy", "--stack", "prod"),
    clone.shell(`${remove} --stack pr-17`),
  ]);
  await rm(clone.file("Pulumi.pr-17.yaml"));
  expect(await manager.ids()).toEqual(before);
  expect(await containersOf(clone)).toHaveLength(1);
  expect((await clone.succeed("preview")).stdout).toMatch(unchanged);
  expect(await answers()).toBe(true);
});

test("the procedure's own Python client runs unchanged against scoringUrl with what env exports", async () => {
  await writeFile(
    clone.file(".local/client.py"),
    `import json, sys, time
import requests
rows = {"data": [[1,2,3,4,5,6,7,8,9,10],[10,9,8,7,6,5,4,3,2,1]]}
start = time.time()
response = requests.post(sys.argv[1], data=json.dumps(rows), headers={"Content-Type": "application/json"})
print(response.status_code)
print(response.elapsed)
print(response.json())
`,
  );
  const script = `python3 -m venv .local/venv && .local/venv/bin/pip install -q requests==2.32.5 && .local/venv/bin/python .local/client.py '${outputs.scoringUrl}'`;
  const { stdout, stderr } = await clone.shell(script);
  expect(stdout, stderr).toMatch(/^200\n0:00:0\d\.\d+\n\[6783\.\d+, 4073\.\d+\]\n$/);
});

test("listeners are on loopback only, the containers' published ports too", async () => {
  const { stdout } = await clone.run("ss", ["-Hltnp"]);
  const { pid } = await clone.background();
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const mine = lines.filter((columns) => columns.at(-1)?.includes(`pid=${pid},`));
  expect(mine.length).toBeGreaterThan(4);
  const bindings = JSON.parse(
    (
      await clone.run("docker", [
        "inspect",
        "-f",
        "{{json .NetworkSettings.Ports}}",
        ...(await containersOf(clone)),
      ])
    ).stdout,
  ) as Record<string, { HostIp: string; HostPort: string }[]>;
  const published = Object.values(bindings).flat();
  expect(published.map(({ HostIp }) => HostIp)).toEqual(["127.0.0.1"]);
  const ofContainers = lines.filter((columns) =>
    published.some(({ HostPort }) => columns[3]?.endsWith(`:${HostPort}`)),
  );
  const addresses = [...mine, ...ofContainers].map((columns) => columns[3] ?? "");
  expect(addresses.filter((address) => !/^(127\.0\.0\.1|\[::1\]):/.test(address))).toEqual([]);
});

test("the state deleted while local Azure runs: the next start ends the forgotten process and its containers", async () => {
  const { pid } = await clone.background();
  const started = await startOf(pid);
  await rm(clone.file(".local"), { recursive: true });
  await clone.succeed("start");
  expect(await startOf(pid)).not.toBe(started);
  expect(await containersOf(clone)).toEqual([]);
  expect(
    await processesWith((argument) => argument.startsWith(clone.file(".local/azure/registries/"))),
  ).toEqual([]);
  // Nobody knows any more that these images were the registry's.
  await removeImageReferences(new Docker(), outputs.registryLoginServer ?? "", () => undefined);
});
