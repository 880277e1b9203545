import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type * as DockerSdk from "@pulumi/docker/index.js";
import * as pulumi from "@pulumi/pulumi";
import Dockerode from "dockerode";
import tarStream from "tar-stream";
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { withCleanUp } from "../../local/system/clean-up.mjs";
import { finished, type LocalAzure, startLocalAzure, subscription } from "../azure/local-azure.ts";
import { noAzure } from "./options.ts";
import { createTestStack, type Json, type TestStack } from "./stack.ts";

const dockerfile = ["FROM scratch", "ARG GREETING", "LABEL greeting=$GREETING", "COPY . /app/", ""].join(
  "\n",
);
const sdk: typeof DockerSdk = createRequire(import.meta.url)("@pulumi/docker");
const docker = new Dockerode();
const registryId = `${subscription}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/providerstest`;

let local: LocalAzure;
let run: TestStack;
let project: string;
let loginServer: string;
let password: string;
let platform: string;
/** What the tests change. */
let build: DockerSdk.types.input.DockerBuild;
let given: { username?: string; password?: string };

beforeAll(async () => {
  local = await startLocalAzure({ registryBinary: inject("registryBinary") });
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
  const body = { location: "westeurope", sku: { name: "Basic" }, properties: { adminUserEnabled: true } };
  await finished(local, await local.arm("PUT", registryId, body));
  loginServer = (await local.arm("GET", registryId)).json.properties.loginServer;
  password = (await local.arm("POST", `${registryId}/listCredentials`)).json.passwords[0].value;
  const { Os, Arch } = (await docker.version()) as { Os: string; Arch: string };
  platform = `${Os}/${Arch}`;

  project = await mkdtemp(join(tmpdir(), "docker-provider-test-"));
  await mkdir(join(project, "app", "src"), { recursive: true });
  await writeFile(join(project, "app", "Dockerfile"), dockerfile);
  await writeFile(join(project, "app", ".dockerignore"), "*\n!src/**\n**/secret.txt\n");
  await writeFile(join(project, "app", "src", "main.js"), "one");
  await writeFile(join(project, "app", "src", "secret.txt"), "hidden");
  await writeFile(join(project, "app", "other.txt"), "ignored");

  run = await createTestStack({ azure: noAzure, projectDirectory: project });
  run.program = async () => {
    const image = new sdk.Image("image", {
      imageName: `${loginServer}/team/app:v1`,
      build,
      registry: {
        server: loginServer,
        username: given.username,
        password: pulumi.secret(given.password ?? ""),
      },
    });
    return { digest: image.repoDigest };
  };
});
afterAll(async () => {
  await run?.dispose();
  // Deleting the registry removes the daemon's tags that name it.
  await local?.arm("DELETE", registryId);
  await local?.dispose();
  await rm(project, { recursive: true, force: true });
});
beforeEach(() => {
  build = { context: "app", platform, builderVersion: "BuilderV1", args: { GREETING: "hello" } };
  given = { username: "providerstest", password };
});

async function changes(): Promise<Record<string, number | undefined>> {
  const { changeSummary } = await run.stack.preview();
  return changeSummary as Record<string, number | undefined>;
}

/** Files of an image, by path. */
async function filesOf(image: string): Promise<Record<string, string>> {
  const container = await docker.createContainer({ Image: image, Cmd: ["none"] });
  const files: Record<string, string> = {};
  const read = async () => {
    const extract = tarStream.extract();
    (await container.getArchive({ path: "/app" })).pipe(extract);
    for await (const entry of extract) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (entry.header.type === "file") files[entry.header.name] = Buffer.concat(chunks).toString();
    }
  };
  await withCleanUp(read, () => container.remove());
  return files;
}

test("a preview builds nothing and knows no digest", async () => {
  expect(await changes()).toMatchObject({ create: 2 });
  await expect(docker.getImage(`${loginServer}/team/app:v1`).inspect()).rejects.toThrow("no such image");
});

test("up builds from exactly the files that are not ignored, pushes, and returns the registry's digest", async () => {
  const lines: string[] = [];
  const { outputs } = await run.stack.up({
    onEvent: ({ diagnosticEvent }) => diagnosticEvent && lines.push(diagnosticEvent.message),
  });
  const digest = outputs.digest?.value as string;
  expect(digest).toMatch(new RegExp(`^${loginServer}/team/app@sha256:[0-9a-f]{64}$`));
  expect(await filesOf(digest)).toEqual({ "app/src/main.js": "one" });
  const { Config } = await docker.getImage(digest).inspect();
  expect(Config.Labels).toEqual({ greeting: "hello" });
  expect(lines.join("\n")).toContain("Step 1/4 : FROM scratch");
  expect(lines.join("\n")).toContain(`Pushed ${digest}`);
});

test("state and engine output do not hold the password", async () => {
  const state = await readFile(join(run.workDirectory, ".pulumi/stacks/providers/test.json"), "utf8");
  expect(state).toContain("contextDigest");
  expect(state).not.toContain(password);
});

test("the state has the inputs as a secret; an image of an older stand-in, without them, shows no change", async () => {
  const { outputs } = await run.resource("image");
  expect(outputs.__inputs).toEqual(expect.objectContaining({ plaintext: expect.any(String) }));
  const exported = await run.stack.exportStack();
  for (const { outputs } of exported.deployment.resources as Json[]) delete outputs?.__inputs;
  await run.stack.importStack(exported);
  expect(await changes()).toEqual({ same: 2 });
  expect((await run.stack.refresh()).summary.resourceChanges).toEqual({ same: 2 });
  expect((await run.resource("image")).outputs.__inputs).toEqual(
    expect.objectContaining({ plaintext: expect.any(String) }),
  );
  expect(await changes()).toEqual({ same: 2 });
});

test("neither a touched file nor an ignored one nor another password is a change", async () => {
  await utimes(join(project, "app", "src", "main.js"), new Date(0), new Date(0));
  await writeFile(join(project, "app", "other.txt"), "still ignored");
  given = { username: "providerstest", password: "rotated" };
  expect(await changes()).toEqual({ same: 2 });
});

test("a changed file, its mode, an argument and the Dockerfile are changes, in place", async () => {
  const file = join(project, "app", "src", "main.js");
  await chmod(file, 0o755);
  expect(await changes()).toEqual({ same: 1, update: 1 });
  await chmod(file, 0o644);
  expect(await changes()).toEqual({ same: 2 });
  build = { ...build, args: { GREETING: "good day" } };
  expect(await changes()).toEqual({ same: 1, update: 1 });
  await writeFile(file, "two");
  const { outputs } = await run.stack.up();
  expect(await filesOf(outputs.digest?.value)).toEqual({ "app/src/main.js": "two" });
});

test("the image that a build replaced goes, unless something else names or uses it", async () => {
  const name = `${loginServer}/team/app:v1`;
  const file = join(project, "app", "src", "main.js");
  const replace = async (content: string) => {
    const { Id } = await docker.getImage(name).inspect();
    await writeFile(file, content);
    await run.stack.up();
    return docker.getImage(Id);
  };
  await expect((await replace("three")).inspect()).rejects.toThrow("no such image");
  await docker.getImage(name).tag({ repo: `${loginServer}/team/other`, tag: "kept" });
  await expect((await replace("four")).inspect()).resolves.toMatchObject({ Config: expect.anything() });
  const container = await docker.createContainer({ Image: name, Cmd: ["none"] });
  onTestFinished(() => container.remove());
  await expect((await replace("two")).inspect()).resolves.toMatchObject({ Config: expect.anything() });
});

test("a stage that a build leaves has a name of the registry, and goes when another takes it", async () => {
  const twoStages = (label: string) =>
    `FROM scratch AS first\nLABEL label=${label}\nCOPY src /src/\nFROM scratch\nCOPY --from=first /src /app/src/\n`;
  const name = `${loginServer}/team/app:v1-stage-0`;
  build = { ...build, dockerfile: "app/TwoStages" };
  await writeFile(join(project, "app", "TwoStages"), twoStages("one"));
  await run.stack.up();
  const first = await docker.getImage(name).inspect();
  expect(first.Config.Labels).toEqual({ label: "one" });
  await writeFile(join(project, "app", "TwoStages"), `${twoStages("two")}COPY missing.txt /\n`);
  await expect(run.stack.up()).rejects.toThrow("error reading build output: ");
  expect((await docker.getImage(name).inspect()).Config.Labels).toEqual({ label: "two" });
  await expect(docker.getImage(first.Id).inspect()).rejects.toThrow("no such image");
});

test("BuildKit is asked for and builds the same files", async () => {
  build = { ...build, builderVersion: "BuilderBuildKit", dockerfile: "app/src/Dockerfile" };
  await writeFile(join(project, "app", "src", "Dockerfile"), dockerfile);
  const { outputs } = await run.stack.up();
  const files = { "app/src/main.js": "two", "app/src/Dockerfile": dockerfile };
  expect(await filesOf(outputs.digest?.value)).toEqual(files);
});

test("a failing build shows its last lines", async () => {
  const label = `step=${basename(project)}`;
  await writeFile(join(project, "app", "Broken"), `FROM scratch\nLABEL ${label}\nCOPY missing.txt /\n`);
  build = { ...build, dockerfile: "app/Broken" };
  const shown = new RegExp(`error reading build output: .*missing\\.txt[\\s\\S]*LABEL ${label}`);
  await expect(run.stack.up()).rejects.toThrow(shown);
  // The daemon keeps the steps that passed: under a name of the registry, with which they go.
  const kept = await docker.listImages({ filters: { label: [label] } });
  expect(kept.map(({ RepoTags }) => RepoTags)).toEqual([[`${loginServer}/team/app:v1-stage-0`]]);
});

test("wrong, and missing, credentials fail the push", async () => {
  given = { username: "providerstest", password: "wrong" };
  build = { ...build, args: { GREETING: "wrong" } };
  await expect(run.stack.up()).rejects.toThrow(
    /error reading push output: unauthorized: authentication required/,
  );
  given = { username: "providerstest" };
  await expect(run.stack.up()).rejects.toThrow("registry.username and registry.password are both needed");
});

test("another platform than the daemon's is refused", async () => {
  build = { ...build, platform: platform === "linux/amd64" ? "linux/arm64" : "linux/amd64" };
  await expect(run.stack.up()).rejects.toThrow(`this Docker daemon builds ${platform}`);
});
