import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { finished, type LocalAzure, send, startLocalAzure, subscription } from "../../local-azure.ts";

const registry = `${subscription}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/crtest`;

let local: LocalAzure;
let loginServer: string;
let folder: string;
let image: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-test-"));
  local = await startLocalAzure({ registryBinary: inject("registryBinary") });
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
  const body = { location: "westeurope", sku: { name: "Basic" }, properties: { adminUserEnabled: true } };
  await finished(local, await local.arm("PUT", registry, body));
  loginServer = (await local.arm("GET", registry)).json.properties.loginServer;
  image = `${loginServer}/team/scoring:v1`;
  await writeFile(join(folder, "layer"), randomBytes(12 << 20));
  await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY layer /layer\n");
  await docker("build", "-q", "-t", image, folder);
});
afterAll(async () => {
  await local?.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** With a configuration of its own, so that the user's is never touched. */
async function docker(...argv: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_CONFIG: join(folder, "docker-config") };
  const { stdout } = await promisify(execFile)("docker", argv, { env });
  return stdout;
}

function login(user: string, password: string): Promise<string> {
  const env = { ...process.env, DOCKER_CONFIG: join(folder, "docker-config") };
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["login", "-u", user, "--password-stdin", loginServer], { env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.once("error", reject);
    child.once("close", (status) => (status === 0 ? resolve(output) : reject(new Error(output))));
    child.stdin.end(password);
  });
}

const passwordOf = async (index: number): Promise<string> =>
  (await local.arm("POST", `${registry}/listCredentials`)).json.passwords[index].value;
const basic = (password: string) => `Basic ${Buffer.from(`crtest:${password}`).toString("base64")}`;

describe("a registry, with docker", () => {
  it("refuses a push without credentials, and a login with a wrong password", async () => {
    await expect(docker("push", image)).rejects.toThrow(/authentication required|no basic auth/);
    await expect(login("crtest", "wrong")).rejects.toThrow("unauthorized");
  });

  it("takes a push, and gives the same image back by tag and by digest", async () => {
    await login("crtest", await passwordOf(0));
    const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(await docker("push", image))?.[1];
    expect(pushed).toBeDefined();
    const id = (await docker("image", "inspect", "-f", "{{.Id}}", image)).trim();
    await docker("rmi", image);
    await docker("pull", "-q", image);
    await docker("pull", "-q", `${loginServer}/team/scoring@${pushed}`);
    expect((await docker("image", "inspect", "-f", "{{.Id}}", image)).trim()).toBe(id);
  });

  it("serves HEAD and ranges of a layer, and its size as usage", async () => {
    const headers = {
      authorization: basic(await passwordOf(1)),
      accept: "application/vnd.docker.distribution.manifest.v2+json",
    };
    const ask = (path: string, more: object = {}) =>
      send(`https://${loginServer}/v2/team/scoring/${path}`, { ca: local.ca, headers, ...more });
    const head = await ask("manifests/v1", { method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers["docker-content-digest"]).toMatch(/^sha256:/);
    const manifest = JSON.parse((await ask("manifests/v1")).text);
    const { digest, size } = manifest.layers[0];
    const range = await ask(`blobs/${digest}`, { headers: { ...headers, range: "bytes=10-19" } });
    expect([range.status, range.headers["content-range"]]).toEqual([206, `bytes 10-19/${size}`]);
    const usage = (await local.arm("GET", `${registry}/listUsages`)).json.value[0];
    expect(usage.currentValue).toBeGreaterThan(size);
  });

  it("refuses docker's kept login once its password is regenerated", async () => {
    await local.arm("POST", `${registry}/regenerateCredential`, { name: "password" });
    await expect(docker("push", image)).rejects.toThrow("unauthorized");
    await login("crtest", await passwordOf(0));
    await docker("push", image);
  });

  it("comes back with its data after its process was killed", async () => {
    const processFile = join(local.directory, "registries", "crtest", "process.json");
    const { pid } = JSON.parse(await readFile(processFile, "utf8"));
    process.kill(pid, "SIGKILL");
    const headers = { authorization: basic(await passwordOf(0)) };
    const list = () => send(`https://${loginServer}/v2/team/scoring/tags/list`, { ca: local.ca, headers });
    await expect.poll(async () => (await list()).json?.tags, { timeout: 10_000 }).toEqual(["v1"]);
    // It takes requests a moment before it is written down.
    const written = async () => JSON.parse(await readFile(processFile, "utf8").catch(() => "{}")).pid;
    await expect.poll(written, { timeout: 10_000 }).toEqual(expect.any(Number));
    expect(await written()).not.toBe(pid);
  });

  it("leaves no tag, no data and no process when its group is deleted", async () => {
    const processFile = join(local.directory, "registries", "crtest", "process.json");
    const { pid } = JSON.parse(await readFile(processFile, "utf8"));
    const outcome = await finished(local, await local.arm("DELETE", `${subscription}/resourceGroups/rg`));
    expect(outcome.status).toBe(200);
    expect(await docker("images", "-q", `${loginServer}/team/scoring`)).toBe("");
    expect(await readdir(join(local.directory, "registries"))).toEqual([]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
