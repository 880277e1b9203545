import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clone, containersOf } from "./clone.ts";
import { ResourceManager } from "./resource-manager.ts";

/** GitHub's issues, as drift asks for them: what is open, and every change. */
class Issues {
  readonly open: { number: number; title: string; body: string }[] = [];
  readonly changes: string[] = [];
  readonly #server = createServer(async (request, response) => {
    const body = JSON.parse((await text(request)) || "{}");
    const [, number] = /^\/repos\/team\/shop\/issues(?:\/(\d+))?/.exec(request.url ?? "") ?? [];
    if (request.headers.authorization !== "Bearer run") response.statusCode = 401;
    else if (request.method === "POST" && !number) this.open.push({ number: 7, ...body });
    else if (body.state === "closed") this.open.pop();
    if (request.method !== "GET") this.changes.push(`${request.method} ${Object.keys(body)}`);
    response.end(JSON.stringify(this.open));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }
}

const issues = new Issues();
let clone: Clone;
let arm: ResourceManager;
let github: string;
let group: string;
let site: string;

beforeAll(async () => {
  github = await issues.start();
  clone = await Clone.create();
  await clone.succeed("up");
  arm = await ResourceManager.of(clone);
  const outputs = await clone.outputs();
  group = outputs.resourceGroupName!;
  site = `Microsoft.Web/sites/${outputs.webAppName}`;
});

afterAll(async () => {
  issues.stop();
  await clone?.dispose();
});

const drift = () =>
  clone.shell(
    `GITHUB_API_URL=${github} GITHUB_REPOSITORY=team/shop GITHUB_RUN_ID=1 GITHUB_TOKEN=run npm run -s drift`,
  );

it("drift opens no issue for a stack that has never been deployed", async () => {
  const script = `GITHUB_API_URL=${github} GITHUB_REPOSITORY=team/shop GITHUB_TOKEN=run PULUMI_STACK=organization/staging npm run -s drift`;
  const { status, stdout, stderr } = await clone.shell(script);
  expect({ status, stdout }, stderr).toEqual({
    status: 0,
    stdout: "Nothing of stack organization/staging is deployed: there is nothing to look at.\n",
  });
  expect(issues.changes).toEqual([]);
});

it("drift opens an issue once, and closes it when the difference is gone", async () => {
  expect((await drift()).status).toBe(0);
  expect(issues.changes).toEqual([]);

  await arm.send("PATCH", group, site, { properties: { httpsOnly: false } });
  expect((await drift()).status).not.toBe(0);
  expect(issues.open).toEqual([expect.objectContaining({ title: "Drift: dev", labels: ["drift"] })]);
  expect(issues.open[0]?.body).toMatch(
    /https:\/\/github.com\/team\/shop\/actions\/runs\/1 found[\s\S]*httpsOnly/,
  );
  expect((await drift()).status).not.toBe(0);
  expect(issues.changes).toEqual(["POST title,body,labels", "PATCH body"]);

  await clone.succeed("refresh");
  await clone.succeed("up");
  expect((await drift()).status).toBe(0);
  expect(issues.changes.slice(2)).toEqual(["POST body", "PATCH state"]);
  expect(issues.open).toEqual([]);
});

it("more instances are one update of the plan, and nothing restarts", async () => {
  const before = await containersOf(clone);
  const set = "pulumi config set instanceCount 2 && pulumi up --yes --skip-preview --non-interactive";
  const { status, stdout } = await clone.shell(set);
  expect(status).toBe(0);
  expect(stdout).toMatch(/~ 1 updated\n\s+\d+ unchanged\n/);
  expect(await arm.list(group, "Microsoft.Web/serverfarms")).toMatchObject([{ sku: { capacity: 2 } }]);
  expect(await containersOf(clone)).toEqual(before);
  await clone.run("git", ["checkout", "--", "Pulumi.dev.yaml"]);
});

it("git revert brings the answers of before back", async () => {
  const git = (...words: string[]) =>
    clone.run("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...words]);
  const answer = async () => (await fetch((await clone.outputs()).baseUrl!)).text();
  const file = clone.file("scoring-app/src/routes/health.ts");
  const before = await readFile(file, "utf8");
  await writeFile(file, before.replace('"Healthy"', '"Healthy, and worse"'));
  await git("commit", "-qam", "worse");
  await clone.succeed("up");
  expect(await answer()).toContain("Healthy, and worse");
  expect((await git("revert", "--no-edit", "HEAD")).status).toBe(0);
  expect((await clone.succeed("up")).stdout).toContain("Patients: 442 of 442");
  expect(await answer()).not.toContain("worse");
});

it("destroy wants the stack's name again, and leaves nothing", async () => {
  const before = await clone.shell("CONFIRM=prod npm run -s destroy");
  expect(before).toMatchObject({ status: 1, stdout: "" });
  expect(before.stderr).toBe(
    "Nothing was deleted: CONFIRM is 'prod', and the stack is 'dev'. Both must be the same name.\n",
  );
  expect(await arm.groups()).toEqual([group]);

  expect((await clone.shell("CONFIRM=dev npm run -s destroy")).status).toBe(0);
  expect(await arm.groups()).toEqual([]);
  expect((await clone.succeed("outputs", "--json")).stdout.trim()).toBe("{}");
  expect((await clone.run("git", ["status", "--porcelain"])).stdout).toBe("");
});
