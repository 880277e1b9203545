import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { cloneTag } from "../../local/setup/prepare.ts";
import { processesWith, startOf } from "../../local/system/processes.ts";
import { Clone, containersOf } from "./clone.ts";
import { ResourceManager } from "./resource-manager.ts";

const execute = promisify(execFile);
const rows = [
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
];

let clone: Clone;
/** Files of the person's own tools before the first command. */
let before: string[];
let resourceManager: ResourceManager;
let outputs: Record<string, string>;
/** What the first run has printed. */
let printed: string;
const output = (name: string) => outputs[name] ?? "";

beforeAll(async () => {
  before = await personal();
  clone = await Clone.create();
});
afterAll(() => clone?.dispose());

/** Files of the person's own tools, with the time of their last change. */
async function personal(): Promise<string[]> {
  const folders = [".docker", ".pulumi", ".azure"]
    .map((name) => join(homedir(), name))
    .filter((folder) => existsSync(folder));
  if (folders.length === 0) return [];
  return (await execute("find", [...folders, "-printf", "%p %T@\\n"])).stdout.split("\n").sort();
}

/** Steps of a preview or refresh that are not `same`, as `operation type`. */
async function changes(command: string): Promise<string[]> {
  const { status, stdout, stderr } = await clone.shell(`pulumi ${command} --json`);
  expect(status, stdout + stderr).toBe(0);
  const { steps } = JSON.parse(stdout.slice(stdout.indexOf("{")) || stderr) as {
    steps: { op: string; newState?: { type: string }; oldState?: { type: string } }[];
  };
  return steps
    .filter(({ op }) => op !== "same" && op !== "read" && op !== "refresh")
    .map(({ op, newState, oldState }) => `${op} ${(newState ?? oldState)?.type}`);
}

/** What the daemon has of this clone: containers, volumes and networks by label or name, images by name or label. */
async function dockerThings(): Promise<string[]> {
  const own = [output("registryLoginServer"), cloneTag(clone.file(".local")), output("webAppName")];
  const lists = [
    ["ps", "-a", "--format", "container {{.Names}} {{.Image}}"],
    ["images", "--format", "image {{.Repository}}:{{.Tag}}"],
    ["network", "ls", "--format", "network {{.Name}}"],
    ["volume", "ls", "--format", "volume {{.Name}}"],
  ];
  const outputs = await Promise.all(lists.map((argv) => execute("docker", argv)));
  const lines = outputs.flatMap(({ stdout }) => stdout.split("\n"));
  return lines.filter((line) => own.some((name) => line.includes(name)));
}

/** Registry processes of this clone. */
const registries = () =>
  processesWith((argument) => argument.startsWith(clone.file(".local/azure/registries/")));

async function score(): Promise<number[]> {
  const response = await fetch(output("scoringUrl"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ data: rows }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as number[];
}

test("npm run local deploys the stack and gets scikit-learn's predictions for the two rows and all 442 patients", async () => {
  printed = (await clone.succeed()).stdout;
  expect(printed).toContain("Patients: 442 of 442");
  expect(printed).toContain("Predictions for the two rows: [6783.");
  expect(printed).toMatch(/Scoring URL: https:\/\/localhost:\d+\/score/);
  outputs = await clone.outputs();
  resourceManager = await ResourceManager.of(clone);
  const [first, second] = await score();
  expect(Math.abs((first ?? 0) / 6783.2888 - 1)).toBeLessThan(1e-4);
  expect(Math.abs((second ?? 0) / 4073.0498 - 1)).toBeLessThan(1e-4);
});

test("outputs are the six that the README names", () => {
  expect(Object.keys(outputs).sort()).toEqual([
    "baseUrl",
    "imageReference",
    "registryLoginServer",
    "resourceGroupName",
    "scoringUrl",
    "webAppName",
  ]);
  expect(output("imageReference")).toMatch(/^localhost:\d+\/[a-z-]+@sha256:[0-9a-f]{64}$/);
});

test("the curl line that up prints works in a fresh shell", async () => {
  const line = printed.split("\n").find((text) => text.trimStart().startsWith("curl --cacert"));
  const { stdout: answer } = await execute("env", ["-i", "PATH=/usr/bin:/bin", "sh", "-c", `${line} -sS`]);
  expect(JSON.parse(answer)).toHaveLength(2);
});

test("a second run, preview and refresh change nothing, though a file was touched", async () => {
  const now = new Date();
  await utimes(clone.file("scoring-app/package.json"), now, now);
  for (const command of ["up", "preview", "refresh"]) {
    expect((await clone.succeed(command)).stdout, command).toMatch(/Resources:\n\s+\d+ unchanged\n/);
  }
  expect(await changes("preview --expect-no-changes")).toEqual([]);
  expect(await changes("refresh --preview-only")).toEqual([]);
});

test("B1 to B2 in the stack file previews one update, of the plan", async () => {
  const file = clone.file("Pulumi.dev.yaml");
  const before = await readFile(file, "utf8");
  const settings = parse(before);
  settings.config.planSku = "B2";
  await writeFile(file, stringify(settings));
  expect(await changes("preview")).toEqual(["update azure-native:web:AppServicePlan"]);
  await writeFile(file, before);
});

test("a tag changed through the resource manager appears in a refresh as exactly that property", async () => {
  const path = `Microsoft.Web/sites/${output("webAppName")}`;
  const site = (await (await resourceManager.send("GET", output("resourceGroupName"), path)).json()) as {
    tags?: Record<string, string>;
  };
  await resourceManager.send("PATCH", output("resourceGroupName"), path, {
    tags: { ...site.tags, owner: "somebody" },
  });
  const { stdout, stderr } = await clone.shell("pulumi refresh --preview-only --diff --non-interactive");
  expect(stdout, stderr).toContain("owner");
  expect(stdout.match(/^\s*[+~-] (?!azure-native|pulumi:|tags|owner)\w+\s*:/gm) ?? []).toEqual([]);
  await resourceManager.send("PATCH", output("resourceGroupName"), path, { tags: site.tags ?? {} });
});

test("the app runs as a container, and killing it gives 503, then service again", async () => {
  const [container] = await containersOf(clone);
  expect(container).toBeDefined();
  await execute("docker", ["kill", container ?? ""]);
  const statuses: number[] = [];
  for (;;) {
    const { status } = await fetch(`${output("baseUrl")}/v2/health/ready`);
    if (statuses.at(-1) !== status) statuses.push(status);
    if (status === 200 && (await containersOf(clone)).every((id) => id !== container)) break;
  }
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(statuses).toContain(503);
  expect(await score()).toHaveLength(2);
});

test("the registry refuses requests without and with wrong credentials", async () => {
  const url = `https://${output("registryLoginServer")}/v2/`;
  const wrong = `Basic ${Buffer.from("user:wrong").toString("base64")}`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: { authorization: wrong } })).status).toBe(401);
});

test("the web app deleted through the resource manager is dropped by refresh and recreated by up", async () => {
  const path = `Microsoft.Web/sites/${output("webAppName")}`;
  // By default the plan of the last app is deleted too.
  await resourceManager.send("DELETE", output("resourceGroupName"), path, undefined, {
    deleteEmptyServerFarm: "false",
  });
  expect((await clone.succeed("refresh")).stdout).toMatch(/1 deleted/);
  expect((await clone.succeed()).stdout).toContain("Patients: 442 of 442");
  outputs = await clone.outputs();
});

test("git status stays clean, and the person's own ~/.docker, ~/.pulumi and ~/.azure are not touched", async () => {
  expect((await clone.run("git", ["status", "--porcelain"])).stdout).toBe("");
  expect(await personal()).toEqual(before);
});

test("destroy, then stop, leave no container, image tag, network, volume, port, process or resource", async () => {
  const registry = output("registryLoginServer");
  const text = await readFile(clone.file(".local/background.json"), "utf8");
  const { pid, started } = JSON.parse(text) as { pid: number; started: string };
  expect(await dockerThings()).not.toEqual([]);
  expect(await registries()).toHaveLength(1);
  await clone.succeed("destroy");
  const gone = resourceManager.send("GET", output("resourceGroupName"), "Microsoft.Web/sites");
  await expect(gone).rejects.toThrow("ResourceGroupNotFound");
  expect(await registries()).toEqual([]);
  expect(await readdir(clone.file(".local/azure/registries"))).toEqual([]);
  await clone.succeed("stop");
  expect(await containersOf(clone)).toEqual([]);
  expect(await dockerThings()).toEqual([]);
  await expect(fetch(`https://${registry}/v2/`)).rejects.toThrow();
  expect(await startOf(pid)).not.toBe(started);
});
