import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { removeImageReferences } from "../../local/azure/container-registry/runtime/images.ts";
import { buildImage } from "../../local/plugins/docker/build.ts";
import { ensureBaseImage, removeBaseImage } from "../../local/setup/base-image.ts";
import { dockerClient, findDockerDaemon } from "../../local/setup/docker.ts";
import { cacheDirectory } from "../../local/system/clone.ts";
import { golden } from "./app.ts";

/** Names what this file makes, and nothing else. */
const tag = `scoring-image-test-${process.pid}`;
// As of a local registry, so that the stages of the builds have names too.
const registry = `localhost:1/${tag}`;
const image = `${registry}/app:built`;
const onlyOnnx = `${registry}/app:only-onnx`;
const externalData = `${registry}/app:external-data`;

const scratch = mkdtempSync(join(tmpdir(), "scoring-image-"));
let docker: Docker;
let base: string;

/** Builds a copy of the app with the classic builder, as `pulumi up` does against local Azure. */
async function build(name: string, prepare: (folder: string) => void): Promise<void> {
  const folder = mkdtempSync(join(scratch, "context-"));
  const source = fileURLToPath(new URL("../../scoring-app", import.meta.url));
  const files = ["Dockerfile", ".dockerignore", "package.json", "package-lock.json"];
  for (const part of [...files, "rolldown.config.mjs", "prune.mjs", "src", "public", "model"]) {
    cpSync(join(source, part), join(folder, part), { recursive: true });
  }
  prepare(folder);
  const args = { BASE_IMAGE: base };
  const platform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
  const inputs = {
    imageName: name,
    build: {
      context: folder,
      dockerfile: join(folder, "Dockerfile"),
      platform,
      args,
      builderVersion: "BuilderV1",
    },
  };
  await buildImage(docker, "/", inputs as never, () => {});
}

beforeAll(async () => {
  const daemon = await findDockerDaemon(cacheDirectory);
  if (!daemon) throw new Error("No Docker daemon answers.");
  docker = dockerClient(daemon);
  const context = {
    report: () => {},
    cacheDirectory,
    path: process.env.PATH ?? "",
    signal: new AbortController().signal,
  };
  base = (await ensureBaseImage(context, docker, tag)) ?? "node:26-bookworm-slim";
  await build(image, () => {});
});

afterAll(async () => {
  await removeImageReferences(docker, registry, () => {});
  await removeBaseImage(docker, tag);
  rmSync(scratch, { recursive: true });
});

/** Starts a container of an image with a root file system that it cannot write. */
async function run(name: string) {
  const container = await docker.createContainer({
    Image: name,
    ExposedPorts: { "8080/tcp": {} },
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
  onTestFinished(async () => {
    await container.remove({ force: true });
  });
  const output = (await container.attach({
    stream: true,
    stdout: true,
    stderr: true,
  })) as unknown as Readable;
  let log = "";
  output.on("data", (chunk) => {
    log += chunk;
  });
  await container.start();
  while (!log.includes('"ready"')) {
    const [more] = await Promise.race([once(output, "data"), once(output, "end").then(() => [undefined])]);
    if (more === undefined && !log.includes('"ready"')) throw new Error(`the container ended: ${log}`);
  }
  const { NetworkSettings, Config } = await container.inspect();
  const port = NetworkSettings.Ports["8080/tcp"]![0]!.HostPort;
  return { container, url: `http://127.0.0.1:${port}`, user: Config.User };
}

async function score(url: string): Promise<unknown> {
  const swagger = (await (await fetch(`${url}/swagger.json?version=3`)).json()) as {
    paths: { "/score": { post: { requestBody: { content: Record<string, { example: unknown }> } } } };
  };
  const { example } = swagger.paths["/score"].post.requestBody.content["application/json"]!;
  const response = await fetch(`${url}/score`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(example),
  });
  expect(response.status).toBe(200);
  return response.json();
}

it("is its base and 60 MB at most", async () => {
  const [own, below] = await Promise.all([docker.getImage(image).inspect(), docker.getImage(base).inspect()]);
  expect((own.Size - below.Size) / 1e6).toBeLessThan(60);
  expect(own.Size).toBeGreaterThan(below.Size);
});

it("holds no package manager, compiler, source or test file, and of bundled packages what tells of them", async () => {
  const program = `
    const { readdirSync, accessSync, existsSync } = require("node:fs");
    const names = ["npm", "npx", "corepack", "yarn", "yarnpkg", "pnpm", "apt", "apt-get", "dpkg", "dpkg-deb",
      "gcc", "g++", "cc", "make", "tsc", "python3"];
    const found = process.env.PATH.split(":").flatMap((folder) => names.map((name) => folder + "/" + name)).filter(existsSync);
    const modules = existsSync("/usr/local/lib/node_modules") ? readdirSync("/usr/local/lib/node_modules") : [];
    const files = readdirSync("/app", { recursive: true }).filter((name) =>
      /\\.ts$|\\.map$|\\.md$|\\.test\\.|(^|\\/)(typescript|test|tests|@types|\\.bin)(\\/|$)/.test(name));
    const bundled = readdirSync("/app/node_modules", { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile() && !/onnxruntime-/.test(entry.parentPath) && !/^(package\\.json|licen[cs]e.*)$/i.test(entry.name));
    console.log(JSON.stringify({ found, modules, files, bundled, app: readdirSync("/app").sort() }));`;
  const container = await docker.createContainer({ Image: image, Cmd: ["node", "-e", program] });
  onTestFinished(async () => {
    await container.remove({ force: true });
  });
  await container.start();
  await container.wait();
  const output = (await container.logs({ stdout: true })) as unknown as Buffer;
  // Eight bytes say which stream it is and how long.
  expect(JSON.parse(output.subarray(8).toString())).toEqual({
    found: [],
    modules: [],
    files: [],
    bundled: [],
    app: ["dist", "model", "node_modules", "package.json", "public"],
  });
});

it("runs as non-root with a read-only root file system, scores its sample, ends with 0 at SIGTERM", async () => {
  const { container, url, user } = await run(image);
  expect(user).toBe("1000:1000");
  expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200);
  expect(await score(url)).toEqual([expect.any(Number)]);
  const ended = container.wait();
  await container.kill({ signal: "SIGTERM" });
  expect(await ended).toMatchObject({ StatusCode: 0 });
});

it("ends with 1, and its log says why, where a model computes otherwise than its trainer", async () => {
  const container = await docker.createContainer({
    Image: image,
    Env: ["AZUREML_MODEL_DIR=/model"],
    HostConfig: { Binds: [`${golden("histogram-categories")}:/model:ro`], ReadonlyRootfs: true },
  });
  onTestFinished(async () => {
    await container.remove({ force: true });
  });
  await container.start();
  expect(await container.wait()).toMatchObject({ StatusCode: 1 });
  const log = String(await container.logs({ stdout: true }));
  expect(log.trim().split("\n")).toHaveLength(1);
  expect(log).toMatch(
    /does not start: model \\"cities\\" computes otherwise than \\"expected\\".* 6 of 12 sample rows/,
  );
});

/** Puts a golden model's files in the place of the image's model. */
function replaceModel(folder: string, name: string, files: string[]): void {
  rmSync(join(folder, "model"), { recursive: true });
  mkdirSync(join(folder, "model"));
  for (const file of files) cpSync(join(golden(name), file), join(folder, "model", file));
  // As on a machine whose user lets nobody else read: the container's user must be able to all the same.
  for (const path of [...files.map((file) => join("model", file)), "public/docs.html"]) {
    chmodSync(join(folder, path), 0o600);
  }
}

it("serves a folder with nothing but model.onnx, here of a text model, which needs a locale", async () => {
  await build(onlyOnnx, (folder) => replaceModel(folder, "text", ["model.onnx"]));
  const { url } = await run(onlyOnnx);
  expect(await score(url)).toEqual([expect.any(Number)]);
});

it("serves a model whose weights are in a file beside it", async () => {
  await build(externalData, (folder) =>
    replaceModel(folder, "external-data", ["model.onnx", "weights.data"]),
  );
  const { url } = await run(externalData);
  expect(await score(url)).toEqual([expect.any(Number)]);
});

it("is not built by a Dockerfile whose command fails, and the command's last words are told", async () => {
  const spoilt = build(`${registry}/app:spoilt`, (folder) => {
    const file = join(folder, "Dockerfile");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/^(CMD .*)$/m, "RUN echo building && no-such-command\n$1"),
    );
  });
  await expect(spoilt).rejects.toThrow(/error reading build output: [\s\S]*no-such-command: not found/);
});
