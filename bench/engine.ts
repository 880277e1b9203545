/**
 * What a Pulumi engine costs to build with Go: `npm run bench:engine -- VERSION...`, the one in use when none is named.
 * Each is built into an empty build cache with the flags of the real build, its modules fetched before. Compare CPU
 * time: it depends least on what else the machine does. A build takes minutes and 2 GB, of which only the modules, in
 * Go's own cache, are left.
 */
import { cp, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version as inUse } from "../local/setup/engine.ts";
import { buildEnvironment, buildFlags } from "../local/setup/go.ts";
import { run } from "../local/system/command.ts";

const engine = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const moduleInUse = join(import.meta.dirname, "../local/setup/engine");
const timed = 'TIMEFORMAT="%R %U %S"; time "$@" >&2';

/** What a Go command printed. */
async function go(
  directory: string,
  env: NodeJS.ProcessEnv,
  argv: string[],
  prefix = ["go"],
): Promise<string> {
  const [command = "go", ...first] = prefix;
  const options = { cwd: directory, env: { ...buildEnvironment(), ...env } };
  const { status, output } = await run(command, [...first, ...argv], options);
  if (status !== 0) throw new Error(`go ${argv.join(" ")}: ${output}`);
  return output.trim();
}

/** A module of this engine alone: what it needs is of the versions that it asks for, as in the one in use. */
async function writeModule(directory: string, version: string): Promise<void> {
  await cp(moduleInUse, directory, { recursive: true });
  if (version === inUse) return;
  const { Replace } = JSON.parse(await go(directory, {}, ["mod", "edit", "-json"]));
  await Promise.all([rm(join(directory, "go.mod")), rm(join(directory, "go.sum"))]);
  const required = ["pkg", "sdk"].map((part) => `require github.com/pulumi/pulumi/${part}/v3 v${version}`);
  // biome-ignore lint/suspicious/noExplicitAny: `go mod edit -json`.
  const replaced = Replace.map(({ Old, New }: any) => `replace ${Old.Path} => ${New.Path} ${New.Version}`);
  await writeFile(
    join(directory, "go.mod"),
    ["module engine", "go 1.26.6", ...required, ...replaced].join("\n"),
  );
}

async function megabytes(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6);
}

async function measure(version: string): Promise<Record<string, string | number>> {
  const directory = await mkdtemp(join(tmpdir(), "engine-bench-"));
  try {
    await writeModule(directory, version);
    const listed = await go(directory, { GOFLAGS: "-mod=mod" }, ["list", "-deps", engine]);
    const packages = listed.split("\n").filter((line) => !line.startsWith("go: ")).length;
    const cache = join(directory, "cache");
    const file = join(directory, "pulumi");
    const build = ["build", ...buildFlags, "-ldflags=-s -w", "-o", file, engine];
    const output = await go(directory, { GOCACHE: cache }, build, ["bash", "-c", timed, "bash", "go"]);
    const [wall, user, system] = output.split(/\s+/).slice(-3).map(Number) as [number, number, number];
    return {
      engine: version,
      packages,
      "CPU time (s)": Math.round(user + system),
      "wall (s)": Math.round(wall),
      "build cache (MB)": await megabytes(cache),
      "executable (MB)": Math.round((await stat(file)).size / 1e6),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const versions = process.argv.slice(2);
const rows = [];
for (const version of versions.length > 0 ? versions : [inUse]) rows.push(await measure(version));
console.table(rows);
