import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesWith, startOf } from "../../local/processes.ts";
import { Clone, containersOf } from "./clone.ts";

/** The commands themselves: what they print, and what they do about mistakes, crashes and each other. */

let clone: Clone;
let outputs: Record<string, string>;

beforeAll(async () => {
  clone = await Clone.create();
});
afterAll(() => clone.dispose());

interface Background {
  pid: number;
  resourceManager: string;
}

const background = async () =>
  JSON.parse(await readFile(clone.file(".local/background.json"), "utf8")) as Background;

async function answers(): Promise<boolean> {
  const ask = `curl -sS -o /dev/null -w '%{http_code}' --retry 20 --retry-all-errors '${outputs.baseUrl}/v2/health/ready'`;
  return (await clone.shell(ask)).stdout === "200";
}

test("help, a wrong command, a wrong option and an unknown stack print what there is", async () => {
  expect((await clone.succeed("help")).stdout).toMatch(/up[\s\S]+destroy[\s\S]+--stack/);
  const command = await clone.local("deploy");
  expect(command).toMatchObject({ status: 2, stdout: "" });
  expect(command.stderr).toMatch(/no command 'deploy'[\s\S]+preview/);
  const option = await clone.local("up", "--json");
  expect(option.stderr).toContain("'up' has no option --json");
  const stack = await clone.local("up", "--stack", "test");
  expect(stack.status).toBe(2);
  expect(stack.stderr).toContain("no stack 'test' here: dev, prod, staging");
});

test("env prints export lines and nothing else on stdout, on the first run too", async () => {
  const { stdout } = await clone.succeed("env");
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .filter((line) => !/^export [A-Za-z_]+='.*'$/.test(line)),
  ).toEqual([]);
  for (const name of [
    "PATH",
    "PULUMI_BACKEND_URL",
    "ARM_ENDPOINT",
    "IDENTITY_ENDPOINT",
    "SSL_CERT_FILE",
    "NO_PROXY",
  ]) {
    expect(stdout).toContain(`export ${name}='`);
  }
});

test("evaluating env twice changes nothing", async () => {
  const once = await clone.shell("env | sort");
  const twice = await clone.shell('eval "$(npm run -s local -- env)" && env | sort');
  const settings = (text: string) =>
    text.split("\n").filter((line) => !/^(_|npm_|SHLVL|PWD|OLDPWD)/.test(line));
  expect(settings(twice.stdout)).toEqual(settings(once.stdout));
});

test("two wrong settings and a missing location are told at once, and no resource is touched", async () => {
  const file = clone.file("Pulumi.dev.yaml");
  const before = await readFile(file, "utf8");
  await writeFile(file, 'config:\n  azure-ml-scoring:planSku: B9\n  azure-ml-scoring:registryName: "cr-1"\n');
  const { status, stdout } = await clone.local("up");
  expect(status).toBe(1);
  expect(stdout).toMatch(/planSku is "B9"/);
  expect(stdout).toMatch(/registryName is "cr-1"/);
  expect(stdout).toMatch(/azure-native:location is not set/);
  await writeFile(file, before);
  expect(JSON.parse((await clone.succeed("outputs", "--json")).stdout)).toEqual({});
  expect(await containersOf(clone)).toEqual([]);
});

test("a setting of the wrong type is told with its key", async () => {
  const file = clone.file("Pulumi.dev.yaml");
  const before = await readFile(file, "utf8");
  await writeFile(file, `${before}  azure-ml-scoring:instanceCount: many\n`);
  const { status, stdout, stderr } = await clone.local("preview");
  expect(status).toBe(1);
  expect(stdout + stderr).toMatch(/instanceCount.*integer/);
  await writeFile(file, before);
});

test("two npm run local at once: one waits and says for whom", async () => {
  const [first, second] = await Promise.all([clone.succeed(), clone.succeed()]);
  outputs = await clone.outputs();
  expect(first.stdout).toContain("Patients: 442 of 442");
  expect(second.stdout).toContain("Patients: 442 of 442");
  const waited = [first, second].filter(({ stderr }) =>
    stderr.includes("Waiting for `npm run local -- up --stack dev` (process"),
  );
  expect(waited).toHaveLength(1);
});

test("the background process killed: the next command starts it, and the stack is as it was and serving", async () => {
  const { pid } = await background();
  process.kill(pid, "SIGKILL");
  const { stderr, stdout } = await clone.succeed("preview");
  expect(stderr).toContain("Starting local Azure.");
  expect(stdout).not.toMatch(/to (create|update|delete|replace)/);
  expect((await background()).pid).not.toBe(pid);
  expect(await answers()).toBe(true);
});

test("the background process older than the code is restarted, and the stack is serving", async () => {
  const { pid } = await background();
  await appendFile(clone.file("local/ports.ts"), "// changed\n");
  expect((await clone.succeed("status")).stdout).toContain("older code");
  expect((await clone.succeed("start")).stderr).toContain("runs older code: restarting it");
  expect((await background()).pid).not.toBe(pid);
  expect(await answers()).toBe(true);
});

test("the lock of an engine that is gone, as after a reboot, holds nobody up", async () => {
  const folder = clone.file(".local/pulumi/state/.pulumi/locks/organization/azure-ml-scoring/dev");
  await mkdir(folder, { recursive: true });
  // Above the largest process id.
  await writeFile(`${folder}/gone.json`, JSON.stringify({ pid: 2 ** 22 + 1, username: "x", hostname: "x" }));
  expect((await clone.succeed("preview")).stdout).toMatch(/unchanged/);
});

test("stop ends the containers, start brings the stack back", async () => {
  await clone.succeed("stop");
  expect(await containersOf(clone)).toEqual([]);
  expect((await clone.succeed("status")).stdout).toMatch(/does not run[\s\S]+dev/);
  await clone.succeed("start");
  expect(await answers()).toBe(true);
});

test("a kept port that another process holds is one sentence with its owner", async () => {
  const { resourceManager } = await background();
  await clone.succeed("stop");
  const port = Number(new URL(resourceManager).port);
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
  try {
    const { status, stderr } = await clone.local("start");
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`Port ${port}, kept for .+, is in use by`));
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
  await clone.succeed("start");
});

test("plain pulumi makes, previews and removes a stack, and the repository's stack files stay as they are", async () => {
  const { status, stdout, stderr } = await clone.shell(
    "pulumi stack init staging && pulumi preview && pulumi stack history --show-secrets && pulumi stack rm --yes staging && pulumi stack select dev && git status --porcelain Pulumi*",
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/11 to create/);
  expect(stdout).not.toMatch(/^.. Pulumi/m);
});

test("two clones deploy at once, each on ports of its own", async () => {
  const other = await Clone.create();
  try {
    const [deployed] = await Promise.all([other.succeed(), clone.succeed()]);
    expect(deployed.stdout).toContain("Patients: 442 of 442");
    const ports = async (of: Clone) =>
      Object.values(
        JSON.parse(await readFile(of.file(".local/ports.json"), "utf8")) as Record<string, number>,
      );
    const mine = await ports(clone);
    expect((await ports(other)).filter((port) => mine.includes(port))).toEqual([]);
    expect(await answers()).toBe(true);
  } finally {
    await other.dispose();
  }
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

test("listeners are on loopback only", async () => {
  const { stdout } = await clone.run("ss", ["-Hltnp"]);
  const { pid } = await background();
  const mine = stdout.split("\n").filter((line) => line.includes(`pid=${pid},`));
  expect(mine.length).toBeGreaterThan(4);
  const addresses = mine.map((line) => line.trim().split(/\s+/)[3] ?? "");
  expect(addresses.filter((address) => !/^(127\.0\.0\.1|\[::1\]):/.test(address))).toEqual([]);
});

test("destroy of a stack that is not deployed has nothing to do", async () => {
  expect((await clone.succeed("destroy", "--stack", "prod")).stderr).toContain("Stack prod is not deployed.");
});

test("the state deleted while local Azure runs: the next start ends the forgotten process and its containers", async () => {
  const { pid } = await background();
  const started = await startOf(pid);
  await rm(clone.file(".local"), { recursive: true });
  await clone.succeed("start");
  expect(await startOf(pid)).not.toBe(started);
  expect(await containersOf(clone)).toEqual([]);
  expect(
    await processesWith((argument) => argument.startsWith(clone.file(".local/azure/registries/"))),
  ).toEqual([]);
});
