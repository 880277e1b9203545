import { existsSync, mkdtempSync } from "node:fs";
import { mkdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  chosenPlugins,
  describePlugins,
  ensurePublished,
  publishedAreReady,
  rememberPlugins,
} from "../../local/stack/plugins.ts";
import { cacheDirectory, paths, stateDirectory } from "../../local/system/clone.ts";
import { copiedClone, emptyDaemon } from "../cli/copied-clone.ts";
import { script, sentence } from "../setup/sandbox.ts";

/** Whole processes, which a machine at work may be slow to start. */
vi.setConfig({ testTimeout: 60_000 });

vi.mock("../../local/system/clone.ts", async (original) => {
  const real = await original<typeof import("../../local/system/clone.ts")>();
  const state = mkdtempSync(join(tmpdir(), "plugins-test-"));
  const moved = Object.entries(real.paths).map(([name, path]) => [
    name,
    path.replace(real.stateDirectory, state),
  ]);
  return {
    ...real,
    stateDirectory: state,
    paths: Object.fromEntries(moved),
    cacheDirectory: join(state, "cache"),
  };
});

const folder = join(stateDirectory, "person", ".pulumi", "plugins");
const enginesFolder = join(paths.pulumiHome, "plugins");
let pinned: [string, string][];

beforeEach(async () => {
  vi.stubEnv("HOME", join(stateDirectory, "person"));
  for (const made of [paths.pulumiHome, paths.stackFiles]) await mkdir(made, { recursive: true });
  const { dependencies } = JSON.parse(await readFile("package.json", "utf8"));
  pinned = ["azure-native", "docker", "random"].map((name) => [name, dependencies[`@pulumi/${name}`]]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(stateDirectory, { recursive: true });
});

async function install(plugins: string) {
  for (const [name, version] of pinned)
    await mkdir(join(plugins, `resource-${name}-v${version}`), { recursive: true });
}

describe("by default", () => {
  test("they are the stand-ins where a published one is missing, has another version, or is half there", async () => {
    expect(await chosenPlugins()).toBe("stand-in");
    await install(folder);
    expect(await chosenPlugins()).toBe("published");
    const random = join(folder, `resource-random-v${pinned[2]![1]}`);
    await writeFile(`${random}.partial`, "");
    expect(await chosenPlugins()).toBe("stand-in");
    await rm(`${random}.partial`);
    await rm(random, { recursive: true });
    await mkdir(join(folder, "resource-random-v0.0.1"));
    expect(await chosenPlugins()).toBe("stand-in");
  });

  test("nothing is made in the person's home", async () => {
    await chosenPlugins();
    await describePlugins();
    expect(existsSync(join(stateDirectory, "person"))).toBe(false);
  });
});

test("what was asked for is remembered", async () => {
  await rememberPlugins("published");
  expect(await chosenPlugins()).toBe("published");
  expect(await describePlugins()).toContain("the next command downloads azure-native ");
  await install(folder);
  await rememberPlugins("stand-in");
  expect(await chosenPlugins()).toBe("stand-in");
});

describe("published ones", () => {
  test("the engine finds the person's, and downloads nothing", async () => {
    await install(folder);
    expect(await publishedAreReady()).toBe(false);
    await ensurePublished(() => {});
    expect(await readlink(enginesFolder)).toBe(folder);
    expect(await publishedAreReady()).toBe(true);
  });

  test("a folder of the clone's own takes precedence", async () => {
    await install(enginesFolder);
    await mkdir(folder, { recursive: true });
    await ensurePublished(() => {});
    expect(await publishedAreReady()).toBe(true);
  });

  test("missing ones are downloaded by the engine, to the cache where the person has no folder", async () => {
    script(paths.engine, 'mkdir "$PULUMI_HOME/plugins/$3-$4-v$5"');
    const lines: string[] = [];
    await ensurePublished((line) => lines.push(line));
    expect(await readlink(enginesFolder)).toBe(join(cacheDirectory, "plugins"));
    expect(await publishedAreReady()).toBe(true);
    expect(lines.join("\n")).toContain(`Downloading Pulumi's plugin random ${pinned[2]![1]}`);
    expect(existsSync(join(stateDirectory, "person"))).toBe(false);
  });

  test("asked for where one cannot be had, they are not remembered; once they are there, they are", async () => {
    script(paths.engine, "exit 255");
    await rememberPlugins("published");
    await expect(ensurePublished(() => {})).rejects.toThrow("cannot be downloaded");
    expect(existsSync(paths.plugins)).toBe(false);
    script(paths.engine, 'mkdir "$PULUMI_HOME/plugins/$3-$4-v$5"');
    await ensurePublished(() => {});
    expect(await readFile(paths.plugins, "utf8")).toBe("published");
  });

  test("where one cannot be had, one sentence says why and what to do", async () => {
    script(paths.engine, "echo 'error: no such host' >&2; exit 255");
    const [name, version] = pinned[0]!;
    expect(await sentence(ensurePublished(() => {}))).toBe(
      `Pulumi's plugin ${name} ${version} is not in ${join(cacheDirectory, "plugins")} and cannot be downloaded (error: no such host): run \`pulumi plugin install resource ${name} ${version}\` where github.com or get.pulumi.com can be reached and copy it there, or use the stand-ins (\`--plugins stand-in\`).`,
    );
  });
});

test("status shows them, --plugins changes them, and another value is refused", async () => {
  const { folder: clone, run } = copiedClone();
  const DOCKER_HOST = await emptyDaemon(clone);
  const status = async (...argv: string[]) =>
    (await run("cli.ts", ["status", ...argv], { DOCKER_HOST, PULUMI_HOME: join(clone, "home") })).stdout;
  await install(join(clone, "home", "plugins"));
  const published = `Plugins: Pulumi's published ones in ${join(clone, "home", "plugins")}.`;
  expect(await status()).toContain(published);
  expect(await status("--plugins", "stand-in")).toContain("Plugins: the stand-ins of this repository.");
  expect(await status()).toContain("Plugins: the stand-ins of this repository.");
  expect(await status("--plugins", "published")).toContain(published);
  expect(await run("cli.ts", ["status", "--plugins", "both"])).toMatchObject({
    status: 2,
    stderr: "Option --plugins takes published or stand-in, not 'both'.\n",
  });
});
