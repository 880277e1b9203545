import { mkdtempSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  type BackgroundOptions,
  codeHash,
  currentBackground,
  ensureBackground,
} from "../../local/process/background.ts";
import { launch } from "../../local/process/launch.ts";
import { paths, stateDirectory } from "../../local/system/clone.ts";
import { processesWith, startOf } from "../../local/system/processes.ts";

vi.mock("../../local/process/launch.ts");
vi.mock("../../local/system/processes.ts", { spy: true });
vi.mock("../../local/system/clone.ts", async (original) => {
  const real = await original<typeof import("../../local/system/clone.ts")>();
  const state = mkdtempSync(`${tmpdir()}/background-test-`);
  const moved = Object.entries(real.paths).map(([name, path]) => [
    name,
    path.replace(real.stateDirectory, state),
  ]);
  return { ...real, stateDirectory: state, paths: Object.fromEntries(moved) };
});

const options: BackgroundOptions = {
  stateDirectory,
  repository: "/repository",
  registryBinary: "/registry",
  dockerHost: "unix:///docker.sock",
};
const proxy = "http://user:secret@proxy:3128";

beforeAll(() => mkdir(stateDirectory, { recursive: true }));
afterAll(() => rm(stateDirectory, { recursive: true }));
// What runs of this clone is left alone.
beforeEach(() => vi.mocked(processesWith).mockResolvedValue([]));
afterEach(() => vi.unstubAllEnvs());

/** The environment's proxies, in place of what this machine's says. */
function shell(variables: Record<string, string> = {}): void {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
  for (const name of [...names, ...names.map((name) => name.toLowerCase())])
    vi.stubEnv(name, variables[name]);
}

test("one that builds with another proxy than the shell's will not do", async () => {
  shell();
  const started = await startOf(process.pid);
  const running = { pid: process.pid, started, code: await codeHash(), options, proxies: {} };
  await writeFile(paths.background, JSON.stringify(running));
  expect(await currentBackground(options)).toMatchObject({ pid: process.pid });
  shell({ HTTPS_PROXY: proxy });
  expect(await currentBackground(options)).toBeUndefined();
  // A command that only reads does not build.
  expect(await currentBackground()).toMatchObject({ pid: process.pid });
  // Images cannot be built with such a one.
  shell({ HTTPS_PROXY: "http://127.0.0.1:3128" });
  expect(await currentBackground(options)).toMatchObject({ pid: process.pid });
  await rm(paths.background);
});

test("it is launched with the shell's proxies, which no argument tells", async () => {
  shell({ HTTPS_PROXY: proxy });
  vi.mocked(launch).mockResolvedValueOnce({ pid: process.pid, started: "now" });
  const { proxies } = await ensureBackground(
    options,
    () => undefined,
    async () => {},
  );
  expect(proxies).toMatchObject({ HTTPS_PROXY: proxy, https_proxy: proxy });
  const [{ environment, argument }] = vi.mocked(launch).mock.lastCall!;
  expect(environment).toMatchObject({ HTTPS_PROXY: proxy, DOCKER_HOST: options.dockerHost });
  expect(argument).not.toContain("secret");
  await rm(paths.background);
});

test("why it does not start is told first, where what is left of it cannot be ended either", async () => {
  vi.mocked(launch).mockRejectedValueOnce(new Error("Port 1 is taken."));
  const endOf = vi.mocked(processesWith);
  endOf.mockResolvedValueOnce([]).mockResolvedValueOnce([]).mockRejectedValueOnce(new Error("not yours"));
  await expect(
    ensureBackground(
      options,
      () => undefined,
      async () => {},
    ),
  ).rejects.toThrow("Port 1 is taken.\nCleaning up failed too: not yours");
});
