import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildImage } from "../../local/plugins/docker/build.ts";

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "build-test-"));
  await writeFile(join(project, "Dockerfile"), "FROM scratch\n");
});
afterEach(() => rm(project, { recursive: true }));

test("a build that fails is told of, though what it left cannot be named either", async () => {
  const gone = () => Promise.reject(Object.assign(new Error("no such image"), { statusCode: 500 }));
  const docker = {
    version: async () => ({ Os: "linux", Arch: "amd64", Version: "20.10.0" }),
    buildImage: async () => undefined,
    followProgress: (_: unknown, finished: (error: null) => void, progress: (event: unknown) => void) => {
      progress({ aux: { ID: "sha256:1" } });
      progress({ error: "npm ci failed" });
      finished(null);
    },
    getImage: () => ({ inspect: gone, tag: gone }),
  };
  const build = { context: ".", dockerfile: "Dockerfile", platform: "linux/amd64" };
  const inputs = { imageName: "localhost:5000/team/app:v1", build };
  const lines: string[] = [];
  await expect(
    buildImage(docker as never, project, inputs as never, (line) => lines.push(line)),
  ).rejects.toThrow("npm ci failed");
  expect(lines).toEqual(["no such image"]);
});
