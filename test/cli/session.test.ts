import { mkdtempSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { joinSession } from "../../local/cli/session.ts";
import type { Background } from "../../local/process/background.ts";
import { paths, stateDirectory } from "../../local/system/clone.ts";

const { background } = vi.hoisted(() => ({ background: { now: undefined as Background | undefined } }));
vi.mock("../../local/process/background.ts", () => ({ currentBackground: async () => background.now }));
vi.mock("../../local/system/clone.ts", async (original) => {
  const real = await original<typeof import("../../local/system/clone.ts")>();
  const state = mkdtempSync(join(tmpdir(), "session-test-"));
  const moved = Object.entries(real.paths).map(([name, path]) => [
    name,
    path.replace(real.stateDirectory, state),
  ]);
  return { ...real, stateDirectory: state, paths: Object.fromEntries(moved) };
});

/** Nothing listens there. */
const dockerHost = "unix:///nonexistent/docker.sock";
const link = paths.engine;

beforeEach(async () => {
  vi.stubEnv("PATH", "");
  vi.stubEnv("DOCKER_HOST", dockerHost);
  background.now = {
    resourceManager: "https://localhost:1",
    debugProviders: "random:2",
    options: { dockerHost },
  } as Background;
  await mkdir(dirname(link), { recursive: true });
  await symlink(process.execPath, link);
  await writeFile(paths.caBundle, rootCertificates[0]!);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(stateDirectory, { recursive: true });
});

test("a command that only reads joins without Docker, and writes nothing", async () => {
  const before = await readdir(stateDirectory, { recursive: true });
  const session = await joinSession();
  expect(session?.environment).toMatchObject({
    DOCKER_HOST: dockerHost,
    ARM_ENDPOINT: "https://localhost:1",
  });
  expect(session?.environment.PATH?.split(":")).toContain(dirname(process.execPath));
  expect(await readdir(stateDirectory, { recursive: true })).toEqual(before);
});

test("with published plugins it joins where they are, and the engine is told of no stand-ins", async () => {
  await writeFile(paths.plugins, "published");
  expect(await joinSession()).toBeUndefined();
  const { dependencies } = JSON.parse(await readFile("package.json", "utf8"));
  for (const name of ["azure-native", "docker", "random"]) {
    const plugin = `resource-${name}-v${dependencies[`@pulumi/${name}`]}`;
    await mkdir(join(paths.pulumiHome, "plugins", plugin), { recursive: true });
  }
  vi.stubEnv("PULUMI_DEBUG_PROVIDERS", "random:1");
  expect((await joinSession())?.environment).toMatchObject({
    PULUMI_DEBUG_PROVIDERS: undefined,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: undefined,
  });
  await writeFile(paths.plugins, "stand-in");
  expect((await joinSession())?.environment).toMatchObject({
    PULUMI_DEBUG_PROVIDERS: "random:2",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  });
});

test.each<[string, () => unknown]>([
  ["local Azure does not run, or runs older code", () => (background.now = undefined)],
  ["there is no engine", () => rm(link)],
  ["the engine has gone", () => rm(link).then(() => symlink("/nonexistent/pulumi", link))],
  ["the CA's bundle is missing", () => rm(paths.caBundle)],
  ["the user has chosen another Docker daemon", () => vi.stubEnv("DOCKER_HOST", "unix:///another.sock")],
])("it does not where %s", async (_, change) => {
  await change();
  expect(await joinSession()).toBeUndefined();
});
