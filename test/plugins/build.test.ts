import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildImage } from "../../local/plugins/docker/build.ts";
import { dockerPlugin } from "../../local/plugins/docker/plugin.ts";

let project: string;
/** Options of the last build. */
let asked: Record<string, unknown>;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "build-test-"));
  await writeFile(join(project, "Dockerfile"), "FROM scratch\n");
});
afterEach(() => rm(project, { recursive: true }));

/** A daemon whose builds end so: with an error or without. */
function daemon(failure?: string, architecture = "amd64"): Dockerode {
  const gone = () => Promise.reject(Object.assign(new Error("no such image"), { statusCode: 500 }));
  const image = { inspect: async () => ({ Id: "sha256:2" }), tag: gone, remove: async () => ({}) };
  return {
    version: async () => ({ Os: "linux", Arch: architecture, Version: "20.10.0" }),
    buildImage: async (tar: Readable, options: Record<string, unknown>) => {
      asked = options;
      await buffer(tar);
    },
    followProgress: (_: unknown, finished: (error: null) => void, progress: (event: unknown) => void) => {
      progress({ aux: { ID: "sha256:1" } });
      if (failure) progress({ error: failure });
      finished(null);
    },
    getImage: () => (failure ? { inspect: gone, tag: gone } : image),
  } as unknown as Dockerode;
}

const build = { context: ".", dockerfile: "Dockerfile", platform: "linux/amd64" };
const inputs = { imageName: "localhost:5000/team/app:v1", build };

test("a build that fails is told of, though what it left cannot be named either", async () => {
  const lines: string[] = [];
  await expect(
    buildImage(daemon("npm ci failed"), project, inputs, (line) => lines.push(line)),
  ).rejects.toThrow("npm ci failed");
  expect(lines).toEqual(["no such image"]);
});

test("a daemon of the platform itself is not told it", async () => {
  await buildImage(daemon(), project, inputs, () => undefined);
  expect(asked).not.toHaveProperty("platform");
});

test("one of another processor may emulate it; where it does not, both platforms are named", async () => {
  await buildImage(daemon(undefined, "arm64"), project, inputs, () => undefined);
  expect(asked).toMatchObject({ platform: "linux/amd64" });
  await expect(
    buildImage(daemon("exec format error", "arm64"), project, inputs, () => undefined),
  ).rejects.toThrow(
    /exec format error[\s\S]*\nbuild\.platform is linux\/amd64, but this Docker daemon builds linux\/arm64: use a daemon/,
  );
});

test("one of another system is refused", async () => {
  const windows = { ...inputs, build: { ...build, platform: "windows/amd64" } };
  await expect(buildImage(daemon(), project, windows, () => undefined)).rejects.toThrow(
    "build.platform is windows/amd64, but this Docker daemon builds linux/amd64",
  );
});

test("what a Dockerfile runs is given the proxies, unless the image's own arguments say otherwise", async () => {
  const buildProxies = { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "localhost" };
  const engine = { status() {}, info() {}, warning() {} };
  const provider = dockerPlugin({ docker: daemon(), projectDirectory: project, buildProxies }, engine);
  const image = { ...inputs, skipPush: true, build: { ...build, args: { NO_PROXY: "own" } } };
  const { outputs } = await provider.create({
    ...{ urn: "urn", type: "docker:index/image:Image", name: "image", preview: false },
    inputs: image,
  } as unknown as Parameters<typeof provider.create>[0]);
  expect(asked.buildargs).toEqual({ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "own" });
  expect(JSON.stringify(outputs)).not.toContain("proxy");
});
