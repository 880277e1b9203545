import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOf } from "../../local/system/processes.ts";
import { thisProcess } from "../net/port-owner.ts";
import { Clone, containersOf } from "./clone.ts";
import { ResourceManager } from "./resource-manager.ts";

/** What the commands print, and what they say of mistakes. Nothing is deployed here. */

let clone: Clone;

beforeAll(async () => {
  clone = await Clone.create();
});
afterAll(() => clone?.dispose());

test("help, a wrong command, a wrong option and an unknown stack print what there is", async () => {
  expect((await clone.succeed("help")).stdout).toMatch(/up[\s\S]+destroy[\s\S]+--stack/);
  const command = await clone.local("deploy");
  expect(command).toMatchObject({ status: 2, stdout: "" });
  expect(command.stderr).toMatch(/no command 'deploy'[\s\S]+preview/);
  const option = await clone.local("up", "--json");
  expect(option).toMatchObject({ status: 2, stdout: "" });
  expect(option.stderr).toContain("'up' has no option --json");
});

test.each([
  [["--frob"], "There is no option --frob."],
  [["up", "-x"], "There is no option -x."],
  [["up", "--stack"], "Option --stack needs a value."],
  [["up", "--stack", "--json"], "Option --stack needs a value."],
  [["outputs", "--json=yes"], "Option --json takes no value."],
])("%j is answered in one sentence, with where help is", async (words, sentence) => {
  const { status, stdout, stderr } = await clone.local(...words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toBe(`${sentence} \`npm run local -- help\` prints what there is.\n`);
});

test.each(["up", "logs", "env", "outputs"])(
  "%s of an unknown stack names those that there are",
  async (command) => {
    const { status, stdout, stderr } = await clone.local(command, "--stack", "test");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("no stack 'test' here: dev, prod, staging");
  },
);

test.each([
  ["outputs", 1, ""],
  ["outputs --json", 0, "{}\n"],
  ["logs", 1, ""],
  ["refresh", 1, ""],
  ["destroy", 0, ""],
])("%s of a stack that is not deployed says so, and starts nothing", async (command, expected, printed) => {
  const { status, stdout, stderr } = await clone.local(...command.split(" "));
  expect({ status, stdout }).toEqual({ status: expected, stdout: printed });
  expect(stderr).toMatch(/^Stack dev (is not deployed|has no web app)[^\n]*\n$/);
  expect(existsSync(clone.file(".local/background.json"))).toBe(false);
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
    "PULUMI_STACK",
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

test("wrong settings are told at once in one message, and no resource is touched", async () => {
  const file = clone.file("Pulumi.dev.yaml");
  const before = await readFile(file, "utf8");
  const wrong = {
    planSku: "B9",
    resourceGroupName: "group.",
    planName: "a plan",
    registryName: "cr-1",
    webAppName: "-app",
  };
  const lines = Object.entries(wrong).map(([key, value]) => `  ${key}: "${value}"\n`);
  await writeFile(file, `config:\n${lines.join("")}`);
  const { status, stdout, stderr } = await clone.local("up");
  await writeFile(file, before);
  expect(status).toBe(1);
  const [, message = ""] = stdout.split("Diagnostics:\n");
  expect(message.match(/error: /g)).toHaveLength(1);
  for (const [key, value] of Object.entries(wrong)) {
    expect(message).toMatch(new RegExp(`^ +azure-ml-scoring:${key} is "${value}": .*use `, "m"));
  }
  expect(message).toMatch(/^ +azure-native:location is not set: set /m);
  expect(stderr).not.toContain("    at ");
  expect(JSON.parse((await clone.succeed("outputs", "--json")).stdout)).toEqual({});
  expect(await (await ResourceManager.of(clone)).groups()).toEqual([]);
  expect(await containersOf(clone)).toEqual([]);
});

test("settings of wrong types are told with their keys, in the one message", async () => {
  const file = clone.file("Pulumi.dev.yaml");
  const before = await readFile(file, "utf8");
  await writeFile(file, `${before}  instanceCount: many\n  appSettings: 5\n  tags: [a]\n`);
  const { status, stdout } = await clone.local("preview");
  expect(status).toBe(1);
  const [, message = ""] = stdout.split("Diagnostics:\n");
  expect(message.match(/error: /g)).toHaveLength(1);
  expect(message).toMatch(/instanceCount is "many": use a whole number/);
  expect(message).toMatch(/appSettings: use a map/);
  expect(message).toMatch(/tags is .*: use a map/);
  await writeFile(file, before);
});

test("preview of a new stack leaves none behind", async () => {
  expect((await clone.succeed("preview", "--stack", "prod")).stdout).toMatch(/12 to create/);
  expect(await clone.local("outputs", "--stack", "prod")).toMatchObject({ status: 1, stdout: "" });
});

test("plain pulumi works on the stack that env was asked for, whatever is selected", async () => {
  const chosen = `npm run -s local -- env --stack prod`;
  const { status, stdout, stderr } = await clone.shell(
    `pulumi stack init staging && eval "$(${chosen})" && pulumi preview`,
  );
  await clone.shell("pulumi stack rm --yes staging");
  expect(status, stdout).not.toBe(0);
  expect(stderr).toContain("The exported PULUMI_STACK=dev takes precedence over the selected stack");
  expect(stderr).toContain("no stack named 'prod' found");
});

test("plain pulumi makes, previews and removes a stack, and the repository's stack files stay as they are", async () => {
  const { status, stdout, stderr } = await clone.shell(
    'eval "$(npm run -s local -- env --stack staging)" && pulumi stack init staging && pulumi preview && pulumi stack history --show-secrets && pulumi stack rm --yes && pulumi stack init staging && pulumi destroy --yes --remove && git status --porcelain',
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/12 to create/);
  expect(stdout).not.toMatch(/^.. Pulumi/m);
  expect(await clone.local("outputs", "--stack", "staging")).toMatchObject({ status: 1 });
});

test("stop says that a Docker daemon which we started goes on, and it does", async () => {
  const record = clone.file(".local/cache/azure-ml-scoring/docker/daemon.json");
  await mkdir(dirname(record), { recursive: true });
  const stop = async (started: string | undefined) => {
    // For this process, which lives, or another that had its id.
    await writeFile(record, JSON.stringify({ pid: process.pid, started }));
    const environment = { ...process.env, XDG_CACHE_HOME: clone.file(".local/cache") };
    return (await clone.run("npm", ["run", "-s", "local", "--", "stop"], environment)).stderr;
  };
  const sentence = "The Docker daemon that was started for it goes on running.";
  expect(await stop(await startOf(process.pid))).toContain(sentence);
  expect(await stop("another boot")).not.toContain(sentence);
  expect((await clone.run("docker", ["info"])).status).toBe(0);
});

test("a kept port that another process holds is one sentence with its owner", async () => {
  await clone.succeed("start");
  const { resourceManager } = await clone.background();
  await clone.succeed("stop");
  const port = Number(new URL(resourceManager).port);
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
  try {
    const { status, stderr } = await clone.local("start");
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`Port ${port}, kept for .+, is in use by ${thisProcess}:`));
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
  await clone.succeed("start");
});
