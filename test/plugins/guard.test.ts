import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { dockerPlugin } from "../../local/plugins/docker/plugin.ts";
import type { EngineLog } from "../../local/plugins/plugin.ts";
import type { Properties } from "../../local/plugins/property-values.ts";

/** Any program on the machine can call the docker plugin's stand-in: what it may have it do. */

let root: string;
let project: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "guard-test-"));
  project = join(root, "project");
  for (const folder of ["home", "project/app", "project/.local"]) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "Dockerfile"), "FROM scratch\n");
  }
  symlinkSync("../home", join(project, "link"));
});
afterAll(() => rmSync(root, { recursive: true }));

const build = vi.fn();
const image = { imageName: "localhost:5000/app:v1", build: { context: "app", dockerfile: "app/Dockerfile" } };

/** What `check` says, and what comes of a `create` that nobody has checked. */
async function asked(inputs: Properties, guarded = true) {
  const daemon = { version: build.mockRejectedValue(new Error("asked to build")) };
  const docker = { ...daemon, getImage: () => ({ inspect: async () => ({ Id: "sha256:1" }) }) };
  const plugin = dockerPlugin(
    { docker: docker as unknown as Dockerode, projectDirectory: project, guarded },
    { status: () => {} } as unknown as EngineLog,
  );
  const identity = { urn: "urn:image", type: "docker:index/image:Image", name: "image" };
  const { failures } = await plugin.check({ ...identity, oldInputs: {}, inputs } as never);
  const created = plugin.create({ ...identity, inputs, preview: false } as never);
  return { failures, reason: await created.then(String, (error: Error) => error.message) };
}

test("builds what is in the project, for local Azure's registries", async () => {
  expect(await asked(image)).toEqual({ failures: [], reason: "asked to build" });
});

test.each<[Properties, RegExp]>([
  [{ build: { context: "../home" } }, /^build\.context "\.\.\/home" is outside of /],
  [{ build: { context: "/" } }, /^build\.context "\/" is outside/],
  [{ build: { context: "link" } }, /^build\.context "link" is outside/],
  [{ build: { context: ".local" } }, /^build\.context "\.local" is outside/],
  [
    { build: { context: "." } },
    /^build\.context "\." is outside .*, or holds what this clone keeps in \.local/,
  ],
  [{ build: { context: "app", dockerfile: "link/Dockerfile" } }, /^build\.dockerfile "link\/Dockerfile" is/],
  [{ build: { context: "app", network: "host" } }, /^build\.network is set/],
  [{ imageName: "node:26-bookworm-slim", skipPush: true }, /^imageName "node:26-bookworm-slim"/],
  [{ imageName: ["node:26-bookworm-slim"], skipPush: true }, /^imageName \["node:26-bookworm-slim"\]/],
  [{ imageName: "localhost:5000/../containers/x" }, /^imageName/],
])("refuses %j, asked first or not", async (inputs, reason) => {
  const { failures, reason: told } = await asked({ ...image, ...inputs });
  expect(failures).toEqual([expect.stringMatching(reason)]);
  expect(told).toMatch(reason);
});

test("without a guard takes them, as the published plugin does", async () => {
  const { failures } = await asked({ ...image, imageName: "app", skipPush: true }, false);
  expect(failures).toEqual([]);
});
