import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startOf } from "../../local/system/processes.ts";
import { Clone, type Result } from "./clone.ts";

/** What a commit that is compared with may try, and is not to reach. */

const SECRET = "secret of the person's home";
let clone: Clone;
/** Stands for the person's home. */
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "home-"));
  await writeFile(join(home, "secret"), SECRET);
  clone = await Clone.create();
});
afterAll(async () => {
  await clone?.dispose();
  await rm(home, { recursive: true });
});
beforeEach(async () => {
  await clone.run("git", ["reset", "-q", "--hard", "HEAD"]);
});

/** Commits these files beside this tree's, and leaves the tree as it was. */
async function commit(files: Record<string, string>): Promise<string> {
  const git = async (...words: string[]) => {
    const done = await clone.run("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...words]);
    if (done.status !== 0) throw new Error(done.stderr);
    return done.stdout.trim();
  };
  for (const [name, content] of Object.entries(files)) {
    await rm(clone.file(name), { force: true });
    if (content.startsWith("-> ")) await symlink(content.slice(3), clone.file(name));
    else {
      await mkdir(dirname(clone.file(name)), { recursive: true });
      await writeFile(clone.file(name), content, { mode: 0o755 });
    }
  }
  await git("add", "-A");
  await git("commit", "-qm", "of a stranger");
  const hash = await git("rev-parse", "HEAD");
  await git("reset", "-q", "--hard", "HEAD^");
  return hash;
}

const against = (ref: string): Promise<Result> => {
  const words = ["run", "-s", "local", "--", "preview", "--against", ref, "--allow-replace", "--json"];
  return clone.run("npm", words, { ...process.env, PERSONS_TOKEN: SECRET });
};

async function confined(): Promise<string[]> {
  const words = ["ps", "-aq", "--filter", `label=azure-ml-scoring.confined=${clone.file(".local")}`];
  const { stdout } = await promisify(execFile)("docker", words);
  return stdout.split("\n").filter(Boolean);
}

/** A program that tries each, and tells as its outputs which it tried and what came of those that succeeded. */
const curious = () => `
import { execSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
const [home, clone, pid] = ${JSON.stringify([home, clone.folder, process.pid])};
const read = (file: string) => fs.readFileSync(file, "utf8");
const write = (folder: string) => (fs.writeFileSync(folder + "/stranger", "was here"), "written");
const connect = (path: string) => new Promise<string>((resolve, reject) => {
  const socket = net.connect(path, () => (socket.destroy(), resolve("connected"))).on("error", reject);
});
const attempts: Record<string, () => unknown> = {
  "a file of the home": () => read(home + "/secret"),
  "a file of the home, by a link": () => (fs.symlinkSync(home, "link"), read("link/secret")),
  "a file of the home, as another process sees it": () => read("/proc/1/root" + home + "/secret"),
  "a file of the home, by a shell": () => execSync("cat " + home + "/secret", { encoding: "utf8" }),
  "the variables of another process": () => read("/proc/" + pid + "/environ"),
  "a signal to another process": () => process.kill(Number(pid), 0),
  "a variable of the shell": () => process.env.PERSONS_TOKEN ?? "",
  "the passphrase": () => read(clone + "/.local/passphrase"),
  "local Azure's own": () => read(clone + "/.local/background.json"),
  "other stacks": () => fs.readdirSync(clone + "/.local/pulumi/state").join(),
  "git's settings": () => read(clone + "/.git/config"),
  "this tree": () => read(clone + "/index.ts"),
  "Docker": () => connect("/var/run/docker.sock"),
  "Docker's, where the plugin has it": () => connect("/docker.sock"),
  "a file in the home": () => write(home),
  // Beside what is mounted, the container has a folder of its own here: the test looks at what became of the real one.
  "a file in this tree": () => (write(clone), ""),
  "a file in this clone's code": () => write(clone + "/local"),
  "a file among this clone's packages": () => write(clone + "/node_modules"),
  "a file of the system's": () => write("/var/tmp"),
  "capabilities": () => (/^CapEff:\\s*0*(.*)$/m.exec(read("/proc/self/status")) ?? [])[1],
  "other rights": () => /^NoNewPrivs:\\s*1$/m.test(read("/proc/self/status")) ? "" : "may be had",
  "disks": () => fs.readdirSync("/dev").filter((name) => /^([svx]d|nvme|dm-|mem$)/.test(name)).join(),
};
const results = Object.entries(attempts).map(async ([name, attempt]) => {
  try { return [name, await attempt()]; } catch { return [name, ""]; }
});
export const tried = Object.keys(attempts);
export const reached = Promise.all(results).then((all) => all.filter(([, value]) => value));
`;

test("REF is not trusted with more than this clone's local Azure: its program reaches no file, process or socket of the person's", async () => {
  const { status, stderr } = await against(await commit({ "index.ts": curious() }));
  expect(status, stderr).toBe(0);
  const record = clone.file(".local/pulumi/state/.pulumi/stacks/azure-ml-scoring/dev-against.json");
  const { resources } = JSON.parse(await readFile(record, "utf8")).checkpoint.latest;
  const { tried, reached } = resources[0].outputs;
  expect(tried).toHaveLength(22);
  expect(reached).toEqual([]);
  expect(existsSync(clone.file("node_modules/stranger"))).toBe(false);
  expect(await readdir(home)).toEqual(["secret"]);
  expect((await clone.run("git", ["status", "--porcelain"])).stdout).toBe("");
  expect(await confined()).toEqual([]);
});

test("what the engine is told to start has the commit's files alone, and so has what an image is built of", async () => {
  const project = await readFile(clone.file("Pulumi.yaml"), "utf8");
  const plugin = await against(
    await commit({
      "Pulumi.yaml": `${project}\nplugins:\n  providers:\n    - name: evil\n      path: plugin\n`,
      "plugin/pulumi-resource-evil": `#!/bin/sh\ntouch started\ncp ${home}/secret .\ntouch ${home}/plugin\nexit 1\n`,
      "index.ts": `
import * as pulumi from "@pulumi/pulumi";
new (class extends pulumi.ProviderResource {})("evil", "evil", {});
`,
    }),
  );
  expect(plugin.status).toBe(1);
  const left = await readdir(clone.file(".local/against/dev/source"));
  expect(left).toContain("started");
  expect(left).not.toContain("secret");

  const built = async (build: object) => {
    const program = `
import * as fs from "node:fs";
import * as docker from "@pulumi/docker";
fs.mkdirSync("built", { recursive: true });
fs.symlinkSync("${home}/secret", "built/Dockerfile");
new docker.Image("image", { imageName: "localhost:1/a", skipPush: true, build: ${JSON.stringify(build)} });
`;
    return (await against(await commit({ "index.ts": program }))).stderr;
  };
  expect(await built({ context: home })).toContain(`could not open the build context at "${home}"`);
  expect(await built({ context: "built" })).toContain(
    'could not open dockerfile at relative path "built/Dockerfile"',
  );
  expect(await readdir(home)).toEqual(["secret"]);
});

test("a commit's packages are installed where only its files are, whatever its .npmrc says", async () => {
  const alone = { name: "azure-ml-scoring", version: "0.1.0" };
  const lock = { ...alone, lockfileVersion: 3, requires: true, packages: { "": alone } };
  const scripts = { preinstall: `touch ${home}/installed` };
  const { status, stderr } = await against(
    await commit({
      "package.json": JSON.stringify({ ...alone, scripts }),
      "package-lock.json": JSON.stringify(lock),
      "index.ts": "export const nothing = 1;",
      ".npmrc": `cache=${home}/cache\nignore-scripts=false\nscript-shell=${home}/shell\n`,
    }),
  );
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("Installing the packages of");
  expect(await readdir(home)).toEqual(["secret"]);
});

test("a file of the commit's that is read here is no link to another", async () => {
  const { status, stderr } = await against(await commit({ "Pulumi.dev.yaml": `-> ${home}/secret` }));
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /Pulumi\.dev\.yaml of [0-9a-f]{8} is no file, but a link or a folder: it is not read\./,
  );
});

test("Ctrl-C ends the commit's program, and a kill leaves one that the next command ends", async () => {
  const ref = await commit({ "index.ts": 'console.warn("WAITS"); setInterval(() => {}, 1000);' });
  const words = ["run", "-s", "local", "--", "preview", "--against", ref];
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const ended = clone.start("npm", words, { terminal: true });
    await ended.printed("WAITS");
    expect(await confined()).toHaveLength(2);
    process.kill(-ended.pid, signal);
    expect((await ended.ended).status).not.toBe(0);
    expect(await confined()).toEqual([]);
  }

  const killed = clone.start("npm", words, { terminal: true });
  await killed.printed("WAITS");
  process.kill(-killed.pid, "SIGKILL");
  await killed.ended.catch(() => {});
  while (await startOf(killed.pid)) await delay(50);
  expect(await confined()).not.toEqual([]);
  await clone.succeed("stop");
  expect(await confined()).toEqual([]);
  await clone.succeed("destroy");
  expect(existsSync(clone.file(".local/against/dev"))).toBe(false);
});
