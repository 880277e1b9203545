/**
 * Run beside `npm ci`: where the engine will have to be built, Go fetches its sources meanwhile. Either waits for the
 * network most of the time. What fails here is told by engine.ts, which asks for the same again. Plain JavaScript, as
 * dependencies.mjs.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(import.meta.url);
export const installer = "https://get.pulumi.com/install.sh";
/** Go fetches as many modules at once as it has processors: few, where they take the same time on any machine. */
export const fetchEnvironment = { GOMAXPROCS: "16" };

if (process.argv[1] === file) void prefetchEngine(process.env);

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number | null | undefined>} status of `go list`; undefined where an engine is there, or to be had
 * without a build.
 */
export async function prefetchEngine(env) {
  const folders = (env.PATH || "").split(delimiter);
  /** @param {string} name */
  const isOnPath = (name) => folders.some((folder) => folder !== "" && existsSync(join(folder, name)));
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "azure-ml-scoring", "engine");
  if (isOnPath("pulumi") || existsSync(cache) || !isOnPath("go") || (await mayInstall(env))) return undefined;
  const go = spawn("go", ["list", "-deps", "tool"], {
    cwd: join(dirname(file), "engine"),
    stdio: "ignore",
    env: Object.assign({}, env, fetchEnvironment, { GOWORK: "off", GOFLAGS: "-buildvcs=false" }),
  });
  return new Promise((resolve, reject) => go.on("close", resolve).on("error", reject));
}

/**
 * Whether the official installer may be reached. An old Node's fetch knows no proxy: then it is taken for granted.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function mayInstall({ https_proxy, HTTPS_PROXY }) {
  if (https_proxy || HTTPS_PROXY) return true;
  return fetch(installer, { method: "HEAD", signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  );
}
