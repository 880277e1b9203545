import { existsSync, realpathSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import semver from "semver";
import { findOnPath, run } from "../system/command.ts";
import { ToolchainError } from "../system/errors.ts";
import { makeWhole } from "../system/files.ts";
import { type Report, withProgress } from "../system/report.ts";
import { type Context, inCache } from "./context.ts";
import { buildGoTool, type GoTool } from "./go.ts";
import { installerAnswers } from "./prefetch.mjs";

/**
 * The engine that is installed or built where there is none, and the oldest that is tested; engine/go.mod and
 * requiredPulumiVersion in Pulumi.yaml name the same version. It takes 266 s of CPU time to build; 3.274.1 took 503, for
 * a good part an OpenAPI library that 3.245 has already and 3.232 has not (between them none was tried). Still older
 * ones gain little: 3.200, 3.170 and 3.140 took 9, 8 and 12 % less in one run. Older ones than 3.274 do not know that a
 * provider attached by PULUMI_DEBUG_PROVIDERS is there, and look for its plugin: with
 * PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, which every command here sets, they go on without it.
 */
export const version = "3.232.0";

const installPage = "https://www.pulumi.com/docs/install";
export const languageHost = "pulumi-language-nodejs";

const goTool: GoTool = {
  what: `Pulumi engine v${version}`,
  module: join(import.meta.dirname, "engine"),
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  stamp: {
    variable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    version: `v${version}`,
  },
  seconds: 150,
};

/**
 * A Pulumi engine that has a Node.js language host beside it: the one on PATH, else the one in the cache, which the
 * official installer put there, or which was built with Go where the installer's hosts cannot be reached.
 *
 * @returns absolute path of `pulumi`.
 * @throws ToolchainError when the one on PATH is too old, or when there is none and no way to get one.
 */
export async function ensureEngine(context: Context): Promise<string> {
  const { report, cacheDirectory, path } = context;
  const installed = await engineOnPath(report, path);
  if (installed) return installed;
  const root = join(cacheDirectory, "engine", `v${version}`);
  const pulumi = join(root, "bin", "pulumi");
  if (isComplete(pulumi)) return pulumi;
  return inCache(context, "engine", "getting the Pulumi engine", async () => {
    if (isComplete(pulumi) || (await install(root, report))) return pulumi;
    const go = findOnPath("go", path);
    if (!go) {
      throw new ToolchainError(
        `There is no Pulumi engine on PATH, get.pulumi.com cannot be reached to install one, and there is no Go to build it with: install Pulumi ${version} or newer (${installPage}) or Go (https://go.dev/dl).`,
      );
    }
    if (!existsSync(pulumi)) await buildGoTool(go, goTool, pulumi, context);
    await writeLanguageHost(dirname(pulumi));
    return pulumi;
  });
}

async function engineOnPath(report: Report, path: string): Promise<string | undefined> {
  const pulumi = findOnPath("pulumi", path);
  if (!pulumi) return undefined;
  const asked = await run(pulumi, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutSeconds: 30,
  });
  const found = semver.parse(asked.stdout.trim())?.version;
  if (asked.status !== 0 || !found) {
    throw new ToolchainError(
      `\`${pulumi} version\` does not say a version: reinstall Pulumi (${installPage}), or take it off PATH to have one set up here.`,
    );
  }
  if (semver.lt(found, version)) {
    throw new ToolchainError(
      `The Pulumi engine ${pulumi} is ${found}, and ${version} or newer is needed: update it (${installPage}), or take it off PATH to have one set up here.`,
    );
  }
  if (isComplete(realpathSync(pulumi)) || findOnPath(languageHost, path)) return pulumi;
  report(`The Pulumi engine ${pulumi} has no ${languageHost} beside it; another engine is used.`);
  return undefined;
}

/** True where the engine and a Node.js language host are both there. */
function isComplete(pulumi: string): boolean {
  return existsSync(pulumi) && existsSync(join(dirname(pulumi), languageHost));
}

/** The official installer; false where its host cannot be reached. */
async function install(root: string, report: Report): Promise<boolean> {
  if (!(await installerAnswers())) {
    report("get.pulumi.com cannot be reached: the Pulumi engine is not installed from there.");
    return false;
  }
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/cmd.js");
  try {
    await makeWhole(root, async (made) => {
      await withProgress(report, `Installing the Pulumi engine v${version} with its official installer`, () =>
        PulumiCommand.install({ root: made, version: new semver.SemVer(version) }),
      );
      await rm(root, { recursive: true, force: true });
    });
    return true;
  } catch (error) {
    report(`The official installer failed: ${(error as Error).message.split("\n")[0]}`);
    return false;
  }
}

/**
 * An engine built with Go has no language host. The engine looks for one beside itself without a warning; it is
 * this clone's, which the commands here and `env` put on PATH under a name of its own.
 */
async function writeLanguageHost(directory: string): Promise<void> {
  const file = join(directory, languageHost);
  const script = `#!/bin/sh
if ! command -v azure-ml-scoring-language-host >/dev/null; then
  echo 'This Pulumi engine belongs to azure-ml-scoring: evaluate "npm run -s local -- env" first.' >&2
  exit 1
fi
exec azure-ml-scoring-language-host "$@"
`;
  await makeWhole(file, (made) => writeFile(made, script, { mode: 0o755 }));
}

/** Folder to put on PATH for an engine that was built with Go. */
export const languageHostDirectory = join(import.meta.dirname, "language-host", "bin");
