import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../scoring-app", import.meta.url));

function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const run = (...args: string[]) =>
  execFileSync("npm", args, {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
  });

/** Vitest's globalSetup: installs the scoring app's packages and builds it where that is missing or stale. */
export default function setup(): void {
  const lock = newest(join(folder, "package-lock.json"));
  if (newest(join(folder, "node_modules/.package-lock.json")) < lock) run("ci", "--no-audit", "--no-fund");
  const sources = Math.max(lock, newest(join(folder, "src")), newest(join(folder, "rolldown.config.mjs")));
  const built = join(folder, "dist/main.js");
  if (!existsSync(built) || statSync(built).mtimeMs < sources) run("run", "build");
}

// `npm run types` runs it by itself: the tests import the scoring app's sources, and these its packages.
if (import.meta.main) setup();
