import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Clone, containersOf } from "./clone.ts";

/** What a pull request would change, previewed against the commit that it is based on. */

let clone: Clone;
const edit = async (path: string, change: (text: string) => string) =>
  writeFile(clone.file(path), change(await readFile(clone.file(path), "utf8")));
const against = (...options: string[]) => clone.local("preview", "--against", "HEAD", ...options);

beforeAll(async () => {
  clone = await Clone.create();
});
afterAll(() => clone?.dispose());

test.each([
  [["--against", "no-such-branch"], "--against no-such-branch: no commit of this repository"],
  [["--against", "--output=x"], "--against"],
  [["--json"], "--json of 'preview' goes with --against"],
  [["--against", "HEAD", "--json", "--markdown"], "--json and --markdown: name one of them."],
])("preview %j is refused, and nothing is started", async (options, sentence) => {
  const { status, stdout, stderr } = await clone.local("preview", ...options);
  expect(status).not.toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain(sentence);
  expect(existsSync(clone.file(".local/background.json"))).toBe(false);
});

test("the commit is deployed in a stack of its own, and its own tree changes nothing of it", async () => {
  const { status, stdout, stderr } = await against("--json");
  expect(status, stderr).toBe(0);
  const { changes, image } = JSON.parse(stdout);
  expect(changes).toEqual([]);
  expect(image.before.id).toMatch(/^sha256:/);
  expect(image.before.size).toBeGreaterThan(1e6);
  expect(image.after).toEqual(image.before);
  expect(stderr).toContain("12 created");
  expect((await clone.local("outputs")).stderr).toContain("Stack dev is not deployed");
});

test("a changed plan, secret and app are shown, secrets masked, without deploying the commit again", async () => {
  await edit("Pulumi.dev.yaml", (text) =>
    text.replace("planSku: B1", "planSku: B2\n  secretAppSettings:\n    KEY: top-secret-value"),
  );
  await edit("scoring-app/src/routes/health.ts", (text) => text.replace('"Healthy"', '"Healthy and edited"'));
  const { status, stdout, stderr } = await against("--json");
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain("Deploying");
  const { changes, image } = JSON.parse(stdout);
  expect(changes).toContainEqual({
    urn: expect.stringContaining("AppServicePlan"),
    op: "update",
    property: "sku.name",
    old: "B1",
    new: "B2",
  });
  expect(changes).toContainEqual({
    urn: expect.stringContaining("docker:index/image:Image"),
    op: "update",
    property: "build.contextDigest",
    old: expect.any(String),
    new: expect.any(String),
  });
  expect(image.after.id).toMatch(/^sha256:/);
  expect(image.after.id).not.toBe(image.before.id);
  expect(stdout).toContain("[secret]");
  expect(stdout + stderr).not.toContain("top-secret-value");
});

test("a registry that would be replaced is named, and fails it; --allow-replace says that it is meant", async () => {
  await edit("Pulumi.dev.yaml", (text) => `${text}\n  registryName: anothername4711\n`);
  const refused = await against("--markdown");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/would be lost: azure-native:containerregistry:Registry \S+ \(replace\)/);
  expect(refused.stdout).toContain("| `replace` | `azure-native:containerregistry:Registry");
  expect(await against("--markdown", "--allow-replace")).toMatchObject({ status: 0 });
});

test("a program that fails is told as it is, and fails it", async () => {
  await edit("Pulumi.dev.yaml", (text) => text.replace("planSku: B2", "planSku: X9"));
  const { status, stdout, stderr } = await against("--json");
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain('azure-ml-scoring:planSku is "X9"');
});

test("the commit's program is given no credential and no home of the person's", async () => {
  await clone.run("git", ["checkout", "-q", "Pulumi.dev.yaml", "scoring-app"]);
  await edit(
    "index.ts",
    (text) =>
      `${text}\nconsole.warn("SEES", JSON.stringify(process.env.MY_TOKEN ?? null), process.env.HOME);\n`,
  );
  const author = ["-c", "user.name=t", "-c", "user.email=t@localhost"];
  await clone.run("git", [...author, "commit", "-qam", "curious"]);
  const environment = { ...process.env, MY_TOKEN: "token-of-the-person" };
  const preview = ["run", "-s", "local", "--", "preview", "--against", "HEAD"];
  const { status, stderr } = await clone.run("npm", preview, environment);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/SEES null \S+\.local\/against\/dev\/run\/home/);
});

test("npm run rehearsal compares with the first parent, in the job's summary", async () => {
  await edit("Pulumi.dev.yaml", (text) => text.replace("planSku: B1", "planSku: B2"));
  const environment = { ...process.env, GITHUB_STEP_SUMMARY: clone.file(".local/summary.md") };
  const { status, stdout, stderr } = await clone.run("npm", ["run", "-s", "rehearsal"], environment);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/AppServicePlan.*B1.*B2/);
  expect(await readFile(environment.GITHUB_STEP_SUMMARY, "utf8")).toBe(stdout);
  await clone.run("git", ["checkout", "-q", "Pulumi.dev.yaml"]);
});

test("destroy removes what was deployed to compare with", async () => {
  const { stderr } = await clone.succeed("destroy");
  expect(stderr).toContain("Stack dev is gone.");
  expect(await containersOf(clone)).toEqual([]);
  expect(existsSync(clone.file(".local/against/dev"))).toBe(false);
});
