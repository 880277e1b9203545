/**
 * Run by npm before `npm run local` and `npm test`, with the machine's own Node: installs what package-lock.json
 * names where it is missing or differs. Nothing goes to stdout, which belongs to the command that follows. Plain
 * JavaScript without newer syntax, so that an old Node says the sentence below and not a syntax error.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const state = join(root, ".local");
const lock = join(state, "dependencies.lock");
const installedNode = join(root, "node_modules", ".bin", "node");

/** npm of Node 20 understands package-lock.json and the scripts; Node 26 itself is one of the dependencies. */
const oldestNode = [20, 0];

/** Where npm has no Node 26 for the platform, the machine's own runs TypeScript: without flags since these. */
const oldestNodeWithTypes = [22, 18];

void main();

async function main() {
  if (!isAtLeast(oldestNode)) {
    stop(
      `Node ${process.versions.node} is too old: Node ${oldestNode[0]} or newer is needed, which brings its own newer one along (https://nodejs.org).`,
    );
  }
  const { useEnvironmentProxy } = await import("../net/proxy.mjs");
  useEnvironmentProxy();
  const { platformProblem } = await import("./platform.mjs");
  // Unit tests deploy nothing.
  const problem = process.env.npm_lifecycle_event === "pretest:unit" ? undefined : platformProblem();
  if (problem) stop(problem);
  if (isStale() && !(await exclusively(() => !isStale() || install()))) {
    stop("`npm ci` failed, as it says above: mend that, and run the command again.");
  }
  checkNode();
}

/** True where the installed packages are not those of package-lock.json, other platforms' optional ones aside. */
function isStale() {
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (!installed) return true;
  const wanted = readPackages(join(root, "package-lock.json"));
  for (const path of Object.keys(wanted)) {
    if (path === "") continue;
    const [want, has] = [wanted[path], installed[path]];
    if (
      has
        ? has.version !== want.version || has.integrity !== want.integrity
        : !(want.optional || want.devOptional)
    )
      return true;
  }
  return Object.keys(installed).some((path) => !wanted[path]);
}

/** @param {string} file */
function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

function install() {
  const npm = process.env.npm_execpath;
  const [command, first] = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ["npm", []];
  say("Installing the dependencies of package-lock.json (npm ci) …");
  // Unit tests need no engine.
  if (process.env.npm_lifecycle_event !== "pretest:unit") prefetch();
  const start = Date.now();
  const done = spawnSync(
    command,
    // Whatever NODE_ENV or npm's settings say: the commands need them all.
    [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      // `npm run -s` silences this npm's errors too.
      env: Object.assign({}, process.env, { npm_config_loglevel: "error" }),
    },
  );
  if (done.status !== 0) return false;
  say(`Installing the dependencies: done in ${Math.round((Date.now() - start) / 1000)} s`);
  return true;
}

/** Not waited for: what is not fetched when npm has ended is waited for where it is needed. */
function prefetch() {
  const child = spawn(process.execPath, [join(root, "local", "setup", "prefetch.mjs")], { stdio: "ignore" });
  child.unref();
}

/**
 * Runs `work` while no other process of this clone installs.
 *
 * @param {() => boolean} work
 */
async function exclusively(work) {
  const { holdingLock } = await import("../system/lock-file.mjs");
  try {
    makeFolder(state);
    // Ctrl-C ends npm and this process alike; a lock without its process is taken over.
    return await holdingLock(lock, undefined, waitFor, work);
  } catch (error) {
    const { syscall, code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!syscall) throw error;
    return stop(`Cannot write to ${root} (${code}): use a clone in a place that can be written.`);
  }
}

/**
 * Not recursive: that answers ENOENT where a file system is read-only.
 *
 * @param {string} folder
 */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
}

/** @param {import("../system/lock-file.mjs").Holder} holder */
function waitFor(holder) {
  say(`Waiting for process ${holder.pid}, which installs the dependencies here (${lock}).`);
}

/** The Node that the scripts will run with must run TypeScript as it is. */
function checkNode() {
  if (existsSync(installedNode)) {
    const asked = spawnSync(installedNode, ["--version"], { encoding: "utf8" });
    if (asked.status === 0) return;
    if (asked.stderr?.includes("libatomic")) return installLibatomic();
    stop(
      "Node 26 from npm does not run on this machine, probably for want of glibc, which ONNX Runtime needs too: use Debian, Ubuntu, Fedora or the like.",
    );
  }
  if (isAtLeast(oldestNodeWithTypes)) return;
  stop(
    `npm has no Node 26 for ${process.platform}-${process.arch}, and Node ${process.versions.node} is too old to stand in: install Node ${oldestNodeWithTypes.join(".")} or newer (https://nodejs.org).`,
  );
}

/** Node 26 links it, and a small Debian does not have it. */
function installLibatomic() {
  say("Node 26 needs libatomic1: installing it (apt-get) …");
  const options = /** @type {const} */ ({ encoding: "utf8" });
  const install = () =>
    spawnSync("apt-get", ["install", "-y", "--no-install-recommends", "libatomic1"], options);
  // The package lists may be missing or too old.
  let done = install();
  if (done.status !== 0 && spawnSync("apt-get", ["update"], options).status === 0) done = install();
  if (done.status === 0) return;
  const reason = done.error?.message ?? done.stderr.trim();
  stop(
    `It cannot be installed (${reason}): install libatomic1, or your system's package with libatomic.so.1.`,
  );
}

/** @param {number[]} wanted */
function isAtLeast([wantedMajor = 0, wantedMinor = 0]) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @param {string} line */
function stop(line) {
  say(line);
  process.exit(1);
}
