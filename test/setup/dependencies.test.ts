import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startOf } from "../../local/system/processes.ts";
import { mayUnshare, script, temporaryFolder } from "./sandbox.ts";

const repository = join(import.meta.dirname, "../..");
/** The script, and what it imports. */
const sources = [
  "local/setup/dependencies.mjs",
  "local/setup/platform.mjs",
  "local/net/proxy.mjs",
  "local/system/clean-up.mjs",
  "local/system/lock-file.mjs",
  "local/system/start-of.mjs",
] as const;

/** What a fake `npm ci` does: counts itself, prints, and installs what the lock file names. */
const npm = `
const fs = require("node:fs");
fs.appendFileSync("installs", process.argv.slice(2).join(" ") + "\\n");
console.log("added 1 package");
const { http_proxy, no_proxy } = process.env;
fs.writeFileSync("npm-proxy", [http_proxy, no_proxy].join(" "));
if (fs.existsSync("npm-fails")) { console.error("npm error code E404"); process.exit(1); }
fs.mkdirSync("node_modules/.bin", { recursive: true });
fs.copyFileSync("fake-node", "node_modules/.bin/node");
const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
delete packages[""];
for (const path of Object.keys(packages)) if (packages[path].optional) delete packages[path];
fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }));
`;

interface Clone {
  root: string;
  command: string[];
  env: NodeJS.ProcessEnv;
}

function clone(): Clone {
  const root = temporaryFolder();
  for (const folder of ["net", "setup", "system"])
    mkdirSync(join(root, "local", folder), { recursive: true });
  for (const source of sources) copyFileSync(join(repository, source), join(root, source));
  writeFileSync(join(root, "npm-cli.js"), npm);
  script(join(root, "fake-node"), "echo v26.0.0");
  lock(root, { a: "1.0.0" });
  return {
    root,
    command: [join(root, sources[0])],
    env: { ...process.env, npm_execpath: join(root, "npm-cli.js") },
  };
}

function lock(root: string, versions: Record<string, string>, optional: Record<string, string> = {}): void {
  const packages: Record<string, unknown> = { "": { name: "clone" } };
  for (const [name, version] of Object.entries(versions)) packages[`node_modules/${name}`] = { version };
  for (const [name, version] of Object.entries(optional)) {
    packages[`node_modules/${name}`] = { version, optional: true };
  }
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages }));
}

function run({ command, env }: Clone, nodeVersion?: string): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...pretend(nodeVersion), ...command], { env, encoding: "utf8" });
}

/** Options that make Node say that it is of another version. */
function pretend(version: string | undefined): string[] {
  if (!version) return [];
  const code = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  return ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
}

/** The same, of another platform. */
function runOn(platform: string, { command, env }: Clone): SpawnSyncReturns<string> {
  const code = `Object.defineProperty(process, "platform", { value: "${platform}" });`;
  const pretending = ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
  return spawnSync(process.execPath, [...pretending, ...command], { env, encoding: "utf8" });
}

function installs({ root }: Clone): string[] {
  const file = join(root, "installs");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

it("installs what is missing, development and optional packages too, and prints nothing on stdout", () => {
  const here = clone();
  const done = run(here);
  expect(done).toMatchObject({ status: 0, stdout: "" });
  expect(done.stderr).toContain("added 1 package");
  expect(installs(here)).toEqual(["ci --include=dev --include=optional --no-audit --no-fund"]);
});

it("says nothing and installs nothing when all is there, other platforms' packages aside", () => {
  const here = clone();
  lock(here.root, { a: "1.0.0" }, { "node-other-platform": "24.0.0" });
  run(here);
  expect(run(here)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(installs(here)).toHaveLength(1);
});

it.each([
  ["another version", { a: "1.0.1" }],
  ["a new package", { a: "1.0.0", b: "1.0.0" }],
  ["a package less", {}],
])("installs again when the lock file has %s", (_, versions) => {
  const here = clone();
  run(here);
  lock(here.root, versions);
  expect(run(here).status).toBe(0);
  expect(installs(here)).toHaveLength(2);
});

it("installs by the environment's proxy, which is not for a package registry on this machine", () => {
  const here = clone();
  const { no_proxy: _, ...env } = here.env;
  run({ ...here, env: { ...env, http_proxy: "", HTTP_PROXY: "http://proxy:3128", NO_PROXY: "x" } });
  const given = readFileSync(join(here.root, "npm-proxy"), "utf8");
  expect(given).toBe("http://proxy:3128 x,localhost,127.0.0.1,::1,[::1]");
});

it("fails with a sentence after npm's own words, and leaves no lock", () => {
  const here = clone();
  writeFileSync(join(here.root, "npm-fails"), "");
  const done = run(here);
  expect(done).toMatchObject({ status: 1, stdout: "" });
  expect(done.stderr).toMatch(/npm error code E404\n`npm ci` failed, as it says above/);
  expect(existsSync(join(here.root, ".local", "dependencies.lock"))).toBe(false);
});

it("says that nothing can be deployed here before it installs anything; unit tests deploy nothing", () => {
  const here = clone();
  const done = runOn("win32", here);
  expect(done).toMatchObject({ status: 1, stdout: "" });
  expect(done.stderr).toMatch(/^Local Azure runs on Linux: .* WSL 2 .*\n$/);
  expect(installs(here)).toEqual([]);
  const unit = { ...here, env: { ...here.env, npm_lifecycle_event: "pretest:unit" } };
  expect(runOn("win32", unit).status).toBe(0);
});

it("installs once when two start together", async () => {
  const here = clone();
  const two = [0, 1].map(() => spawn(process.execPath, here.command, { env: here.env, stdio: "ignore" }));
  const ends = await Promise.all(two.map((child) => once(child, "exit")));
  expect(ends.map(([status]) => status)).toEqual([0, 0]);
  expect(installs(here)).toHaveLength(1);
});

/** A lock whose file has this text. */
function locked(here: Clone, text: string): string {
  const folder = join(here.root, ".local");
  mkdirSync(folder);
  writeFileSync(join(folder, "dependencies.lock"), text);
  return folder;
}

const dead = JSON.stringify({ pid: process.pid, started: "another boot" });

it.each([
  ["is empty", ""],
  ["cannot be read as one", "{"],
  ["a process left whose id another has now", dead],
])("takes over a lock that %s", (_, text) => {
  const here = clone();
  const folder = locked(here, text);
  expect(run(here).status).toBe(0);
  expect(installs(here)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

it("installs once when several find a lock that was left, and one at removing it too", async () => {
  const here = clone();
  const folder = locked(here, dead);
  writeFileSync(join(folder, "dependencies.lock.stale"), dead);
  const all = [0, 1, 2, 3].map(() =>
    spawn(process.execPath, here.command, { env: here.env, stdio: "ignore" }),
  );
  const ends = await Promise.all(all.map((child) => once(child, "exit")));
  expect(ends.map(([status]) => status)).toEqual([0, 0, 0, 0]);
  expect(installs(here)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

it("waits for the process that installs, names it, and goes on when it has gone", async () => {
  const here = clone();
  const holder = spawn("sleep", ["600"], { stdio: "ignore" });
  locked(here, JSON.stringify({ pid: holder.pid, started: await startOf(holder.pid!) }));
  const waiting = spawn(process.execPath, here.command, {
    env: here.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(waiting, "exit");
  const [said] = await once(waiting.stderr.setEncoding("utf8"), "data");
  expect(said).toContain(`Waiting for process ${holder.pid}, which installs the dependencies here`);
  expect(installs(here)).toEqual([]);
  holder.kill();
  expect(await ended).toEqual([0, null]);
  expect(installs(here)).toHaveLength(1);
});

it("stops in one sentence when Node is too old", () => {
  const here = clone();
  const done = run(here, "18.20.4");
  expect(done).toMatchObject({ status: 1, stdout: "" });
  expect(done.stderr).toBe(
    "Node 18.20.4 is too old: Node 20 or newer is needed, which brings its own newer one along (https://nodejs.org).\n",
  );
  expect(installs(here)).toEqual([]);
});

it("wants a newer Node where npm has none for the platform", () => {
  const here = clone();
  run(here);
  const brought = join(here.root, "node_modules", ".bin", "node");
  spawnSync("rm", [brought]);
  expect(run(here, "22.18.0").status).toBe(0);
  const done = run(here, "20.20.2");
  expect(done.status).toBe(1);
  expect(done.stderr).toContain("Node 20.20.2 is too old to stand in: install Node 22.18 or newer");
});

it("stops in one sentence when npm's Node does not run here", () => {
  const here = clone();
  run(here);
  script(join(here.root, "node_modules", ".bin", "node"), "exit 127");
  const done = run(here);
  expect(done.status).toBe(1);
  expect(done.stderr).toMatch(/^Node 26 from npm does not run on this machine.*\n$/);
});

describe("where Node's libatomic1 is missing", () => {
  function withApt(apt: string): { done: SpawnSyncReturns<string>; asked: string } {
    const here = clone();
    run(here);
    const library = join(here.root, "libatomic.so.1");
    script(
      join(here.root, "node_modules", ".bin", "node"),
      `[ -e "${library}" ] || { echo "error while loading shared libraries: libatomic.so.1" >&2; exit 127; }`,
    );
    const [folder, log] = [join(here.root, "apt"), join(here.root, "apt.log")];
    mkdirSync(folder);
    script(join(folder, "apt-get"), `echo "$1" >> "${log}"\nLIBRARY="${library}"\n${apt}`);
    const env = { ...here.env, PATH: `${folder}:${process.env.PATH}` };
    return { done: run({ ...here, env }), asked: readFileSync(log, "utf8") };
  }

  it("installs it, after the package lists where these are missing", () => {
    const apt = `[ "$1" = update ] && touch "$LIBRARY.known"; [ -e "$LIBRARY.known" ] && touch "$LIBRARY"`;
    const { done, asked } = withApt(apt);
    expect(done.stderr).toBe("Node 26 needs libatomic1: installing it (apt-get) …\n");
    expect(done.status).toBe(0);
    expect(asked).toBe("install\nupdate\ninstall\n");
  });

  it("says why it cannot, and what to install", () => {
    const { done } = withApt("echo 'are you root?' >&2; exit 100");
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(/\nIt cannot be installed \(are you root\?\): install libatomic1, or .*\n$/);
  });
});

it.skipIf(!mayUnshare)("stops in one sentence in a read-only place", () => {
  const here = clone();
  const commands = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$1" "$2"`;
  const done = spawnSync(
    "unshare",
    ["--map-root-user", "--mount", "sh", "-c", commands, here.root, process.execPath, ...here.command],
    { env: here.env, encoding: "utf8" },
  );
  expect(done.stderr).toBe(
    `Cannot write to ${here.root} (EROFS): use a clone in a place that can be written.\n`,
  );
  expect(done.status).toBe(1);
});
