/**
 * Run beside `npm ci`: where the engine will have to be built, Go fetches its sources meanwhile. Either waits for the
 * network most of the time. What fails here is told by engine.ts, which asks for the same again. Plain JavaScript, as
 * dependencies.mjs.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDirectoryOf } from "../system/cache-directory.mjs";

const file = fileURLToPath(import.meta.url);
/** A workspace of the user's, or flags such as -mod=vendor, must not reach a build. */
export const goEnvironment = { GOWORK: "off", GOFLAGS: "-buildvcs=false" };
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
  // An old Node's fetch knows no proxy: behind one the installer is taken for granted.
  const isBehindProxy = Boolean(env.https_proxy || env.HTTPS_PROXY);
  const isMade = isOnPath("pulumi") || existsSync(join(cacheDirectoryOf(env), "engine"));
  if (isMade || !isOnPath("go") || isBehindProxy || (await installerAnswers())) return undefined;
  const go = spawn("go", ["list", "-deps", "tool"], {
    cwd: join(dirname(file), "engine"),
    stdio: "ignore",
    env: Object.assign({}, env, goEnvironment, fetchEnvironment),
  });
  return new Promise((resolve, reject) => go.on("close", resolve).on("error", reject));
}

/** Whether the host of Pulumi's official installer can be reached. */
export function installerAnswers() {
  return fetch("https://get.pulumi.com/install.sh", {
    method: "HEAD",
    signal: AbortSignal.timeout(5000),
  }).then(
    () => true,
    () => false,
  );
}
