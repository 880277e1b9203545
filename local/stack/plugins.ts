/** Whose plugins the engine uses: those that Pulumi publishes, or the stand-ins that the background process serves. */
import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDirectory, paths, repository, stateDirectory } from "../system/clone.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { readJson, writeFileAtomically } from "../system/files.ts";
import { type Report, withProgress } from "../system/report.ts";
import { ensureWritable } from "../system/writable.ts";
import { backendEnvironment } from "./backend.ts";
import { runEngine } from "./engine.ts";

export const pluginChoices = ["published", "stand-in"] as const;
export type PluginChoice = (typeof pluginChoices)[number];

/** Where the engine looks: a link to one of the folders below, or a folder of the clone's own. */
const enginesFolder = join(paths.pulumiHome, "plugins");

/** The home of the person's own engine, read now: the commands set the clone's. In a shell of `env` it is the clone's. */
const home = process.env.PULUMI_HOME;

/** What this command was asked for. */
let asked: PluginChoice | undefined;

/** What this command uses, and this clone's next ones: from when they are there. */
export async function rememberPlugins(choice: PluginChoice): Promise<void> {
  asked = choice;
  if (choice === "stand-in" || (await missingPlugins()).length === 0) await remember(choice);
}

async function remember(choice: PluginChoice): Promise<void> {
  await ensureWritable(stateDirectory, "clone the repository to a place that can be written");
  await writeFileAtomically(paths.plugins, choice);
}

/** What is asked for, or was last; without that the published ones where they are installed, else the stand-ins. */
export async function chosenPlugins(): Promise<PluginChoice> {
  const remembered = existsSync(paths.plugins) ? await readFile(paths.plugins, "utf8") : "";
  const choice = pluginChoices.find((known) => known === remembered);
  return asked ?? choice ?? ((await missingPlugins()).length === 0 ? "published" : "stand-in");
}

/** For `status`. */
export async function describePlugins(): Promise<string> {
  if ((await chosenPlugins()) === "stand-in") return "the stand-ins of this repository";
  const missing = (await missingPlugins()).map(({ name, version }) => `${name} ${version}`);
  const again = asked ? ", if given --plugins published too" : "";
  const there = missing.length === 0 ? "" : `; the next command downloads ${missing.join(", ")}${again}`;
  return `Pulumi's published ones in ${await pluginFolder()}${there}`;
}

/** True where the engine finds every published plugin. */
export async function publishedAreReady(): Promise<boolean> {
  return existsSync(enginesFolder) && (await missingPlugins()).length === 0;
}

/**
 * Lets the engine find the published plugins, and download those that are missing.
 *
 * @throws ToolchainError when one cannot be had.
 */
export async function ensurePublished(report: Report): Promise<void> {
  const folder = await pluginFolder();
  if (folder !== enginesFolder && (await readlink(enginesFolder).catch(() => "")) !== folder) {
    await mkdir(folder, { recursive: true });
    await rm(enginesFolder, { force: true });
    await symlink(folder, enginesFolder);
  }
  for (const { name, version } of await missingPlugins()) {
    const argv = ["plugin", "install", "resource", name, version];
    const run = { directory: paths.stackFiles, environment: backendEnvironment() };
    await withProgress(report, `Downloading Pulumi's plugin ${name} ${version}`, () =>
      runEngine(argv, run),
    ).catch((error: Error) => {
      throw new ToolchainError(
        `Pulumi's plugin ${name} ${version} is not in ${folder} and cannot be downloaded (${lastLines(error.message, 1).replace(/^.*`: /, "")}): run \`pulumi ${argv.join(" ")}\` where github.com or get.pulumi.com can be reached and copy it there, or use the stand-ins (\`--plugins stand-in\`).`,
      );
    });
  }
  if (asked) await remember(asked);
}

/** What the SDKs in package.json need and the folder does not have as a whole. */
async function missingPlugins(): Promise<{ name: string; version: string }[]> {
  const folder = await pluginFolder();
  const { dependencies = {} } =
    (await readJson<{ dependencies: Record<string, string> }>(join(repository, "package.json"))) ?? {};
  return ["azure-native", "docker", "random"]
    .map((name) => ({ name, version: dependencies[`@pulumi/${name}`] ?? "" }))
    .filter(({ name, version }) => {
      const plugin = join(folder, `resource-${name}-v${version}`);
      return !existsSync(plugin) || existsSync(`${plugin}.partial`);
    });
}

/**
 * The clone's own folder where somebody has made one, else the person's, to which the engine adds what it downloads as
 * it does for any project. Where there is none, nothing is made in the person's home: the cache holds it.
 */
async function pluginFolder(): Promise<string> {
  const own = await lstat(enginesFolder).catch(() => undefined);
  if (own?.isDirectory()) return enginesFolder;
  const linked = await readlink(enginesFolder).catch(() => undefined);
  const given = home === paths.pulumiHome ? linked : home && join(home, "plugins");
  const theirs = [given, join(homedir(), ".pulumi", "plugins")];
  return theirs.find((folder) => folder && existsSync(folder)) ?? join(cacheDirectory, "plugins");
}
