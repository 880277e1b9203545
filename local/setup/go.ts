import { chmod, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import semver from "semver";
import { run } from "../system/command.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { makeWhole } from "../system/files.ts";
import { withProgress } from "../system/report.ts";
import type { Context } from "./context.ts";
import { fetchEnvironment, goEnvironment } from "./prefetch.mjs";

export interface GoTool {
  /** What is built, for a person: "Pulumi engine v3.232.0". */
  what: string;
  /** Folder of the go.mod and go.sum that name the tool and all that it needs. */
  module: string;
  /** Import path of the tool's main package. */
  package: string;
  /** Linker variable that holds the version, and its value. */
  stamp: { variable: string; version: string };
  /** Roughly how long it takes on two cores with nothing cached, in seconds. */
  seconds: number;
}

/** -s -w strips debug information: not to make it takes a sixth less CPU time, and a quarter less of the Go cache. */
export const buildFlags = ["-mod=readonly", "-gcflags=all=-dwarf=false"];

export function buildEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...goEnvironment };
}

/**
 * Builds a tool at the versions of its committed go.mod and go.sum. The file appears whole or not at all.
 *
 * @param file - where the executable goes.
 * @throws ToolchainError when Go is too old, cannot fetch the modules, or fails.
 */
export async function buildGoTool(go: string, tool: GoTool, file: string, context: Context): Promise<void> {
  await checkGoVersion(go, tool);
  await mkdir(dirname(file), { recursive: true });
  const { variable, version } = tool.stamp;
  const step = (what: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
    withProgress(context.report, what, async () => {
      const { signal } = context;
      const done = await run(go, args, { cwd: tool.module, signal, env: { ...buildEnvironment(), ...env } });
      if (done.status === 0) return;
      throw new ToolchainError(
        `Go could not build the ${tool.what} (${lastLines(done.output)}): check that ${await proxyOf(go)} can be reached, or install it yourself.`,
      );
    });
  await makeWhole(file, async (made) => {
    await step(`Fetching the sources of the ${tool.what}`, ["list", "-deps", tool.package], fetchEnvironment);
    const stamp = ["-ldflags", `-s -w -X ${variable}=${version}`];
    const args = ["build", ...buildFlags, ...stamp, "-o", made, tool.package];
    await step(`Building the ${tool.what} with Go (once, about ${tool.seconds} s)`, args);
    await chmod(made, 0o755);
  });
}

async function checkGoVersion(go: string, tool: GoTool): Promise<void> {
  const module = await readFile(join(tool.module, "go.mod"), "utf8");
  const wanted = /^go (\S+)$/m.exec(module)![1]!;
  // Outside a module, else Go would already fetch the newer toolchain here, unasked and unannounced.
  const asked = await run(go, ["env", "GOVERSION", "GOTOOLCHAIN"], { cwd: "/" });
  const [version = "", toolchain = ""] = asked.stdout.trim().split("\n");
  const has = version.replace(/^go/, "");
  const found = semver.coerce(has) ?? "0.0.0";
  const mayFetch = toolchain !== "local" && toolchain !== "" && semver.gte(found, "1.21.0");
  if (semver.gte(found, semver.coerce(wanted)!) || mayFetch) return;
  throw new ToolchainError(
    `Go ${has || "on PATH"} is too old to build the ${tool.what}, which needs Go ${wanted} or newer: update Go (https://go.dev/dl), or set GOTOOLCHAIN=auto so that Go fetches the newer one itself.`,
  );
}

async function proxyOf(go: string): Promise<string> {
  return (await run(go, ["env", "GOPROXY"])).stdout.trim() || "the Go module proxy";
}
