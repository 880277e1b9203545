import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { authorization } from "../../local/azure/authorization/provider.ts";
import { web } from "../../local/azure/web/provider.ts";
import { missingRights } from "../../operations/preflight/rights.ts";
import { type LocalAzure, startLocalAzure, subscription, subscriptionId } from "../azure/local-azure.ts";
import { RecordingRuntime } from "../azure/web/web-apps.ts";
import { copiedClone, type Ended } from "../cli/copied-clone.ts";

let local: LocalAzure;
/** Answers of the resource manager that a test has instead of local Azure's, by the end of the path. */
const instead = new Map<string, object>();
/** In front of local Azure: with the caller's token, by plain HTTP. */
const front = createServer(async (request, response) => {
  const [path = "", query] = (request.url ?? "").split("?");
  const other = [...instead].find(([end]) => path.endsWith(end))?.[1];
  const body = await text(request);
  const answer = await local.arm(request.method!, `${path}?${query}`, body ? JSON.parse(body) : undefined);
  response.statusCode = other ? 200 : answer.status;
  response.end(JSON.stringify(other ?? answer.json));
});

beforeAll(async () => {
  local = await startLocalAzure({ providers: [web(() => new RecordingRuntime()), authorization] });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  // Somebody else's names.
  const group = `${subscription}/resourceGroups/other`;
  const location = "westeurope";
  await local.arm("PUT", group, { location });
  const plan = `${group}/providers/Microsoft.Web/serverfarms/plan`;
  await local.arm("PUT", plan, { location, sku: { name: "B1" }, properties: { reserved: true } });
  await local.arm("PUT", `${group}/providers/Microsoft.Web/sites/taken-app`, {
    location,
    properties: { serverFarmId: plan },
  });
});

afterAll(async () => {
  front.close();
  await local.dispose();
});

beforeEach(() => instead.clear());

/** Runs it where docker and pulumi do as told, with more lines in the stack's settings. */
async function preflight(
  words: string[] = [],
  settings = "",
  tools: Record<string, string> = {},
  environment: Record<string, string> = {},
): Promise<Ended> {
  const clone = copiedClone();
  appendFileSync(join(clone.folder, "Pulumi.dev.yaml"), settings);
  const { identityEndpoint, identityHeader } = local.azure.access;
  for (const [name, script] of Object.entries({ docker: "exit 0", pulumi: "exit 0", ...tools }))
    writeFileSync(join(clone.folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return clone.run("../operations/preflight.ts", words, {
    PATH: `${clone.folder}:/usr/bin:/bin`,
    ARM_ENDPOINT: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    ARM_SUBSCRIPTION_ID: subscriptionId,
    IDENTITY_ENDPOINT: identityEndpoint,
    IDENTITY_HEADER: identityHeader,
    ...environment,
  });
}

const nothing = { status: 0, stdout: "Everything is there: `pulumi up --stack dev`\n", stderr: "" };

describe("preflight", () => {
  it("finds everything there on local Azure", async () => {
    expect(await preflight()).toEqual(nothing);
  });

  it("tells everything that is not there at once, each with the command that mends it", async () => {
    const unregistered = { registrationState: "NotRegistered" };
    instead.set("/providers/Microsoft.Web", unregistered);
    instead.set("/providers/Microsoft.ContainerRegistry", unregistered);
    instead.set("/permissions", { value: [{ actions: ["*/read"], notActions: [] }] });
    const settings = "  webAppName: taken-app\n  registryName: no-registry\n";
    const tools = { docker: "echo no daemon; exit 1", pulumi: "echo not signed in; exit 1" };
    const { status, stdout, stderr } = await preflight([], settings, tools);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr.split("\n").filter((_, index) => index % 2 === 1)).toEqual([
      "    az provider register -n Microsoft.Web --wait",
      "    az provider register -n Microsoft.ContainerRegistry --wait",
      `    az role assignment create --role Contributor --assignee $(az ad signed-in-user show --query id -o tsv) --scope ${subscription}`,
      "    pulumi config set --stack dev webAppName ANOTHER",
      "    pulumi config set --stack dev registryName ANOTHER",
      "    sudo systemctl start docker",
      "    pulumi login",
    ]);
    expect(stderr).toContain('webAppName "taken-app" cannot be had: ');
    expect(stderr).toContain("Microsoft.Web is not registered (NotRegistered)");
    expect(stderr).toContain("You may not Microsoft.Resources/subscriptions/resourceGroups/write, ");
    expect(stderr).toContain("No Docker daemon answers (no daemon)");
  });

  it("takes a name that the stack's own group has", async () => {
    expect(await preflight([], "  webAppName: taken-app\n  resourceGroupName: other\n")).toEqual(nothing);
  });

  it("tells a subscription that is not there, and a sign-in that fails, beside what is wrong on the machine", async () => {
    const nobody = subscriptionId.replaceAll("1", "3");
    const docker = { docker: "exit 1" };
    const unknown = await preflight([], "", docker, { ARM_SUBSCRIPTION_ID: nobody });
    expect(unknown.stderr).toMatch(
      /^Subscription 3\S+ cannot be used: The subscription .* could not be found/,
    );
    expect(unknown.stderr).toContain("export ARM_SUBSCRIPTION_ID=");
    const refused = await preflight([], "", docker, { IDENTITY_HEADER: "wrong" });
    expect(refused.stderr).toMatch(/^Azure does not let you in: .*\n {4}az login\nNo Docker daemon answers/);
    expect([unknown.status, refused.status]).toEqual([1, 1]);
  });

  it("tells in one sentence that Azure is not reached, or that something else answers", async () => {
    const docker = { docker: "exit 1" };
    const closed = await preflight([], "", docker, { ARM_ENDPOINT: "http://127.0.0.1:1" });
    expect(closed.stderr).toMatch(
      /^http:\/\/127\.0\.0\.1:1 does not answer as Azure does \(.+\)\n {4}npm run preflight -- --stack dev # again, where it can be reached\nNo Docker daemon answers/,
    );
    const page = createServer((_, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(page, "listening");
    const { port } = page.address() as AddressInfo;
    const other = await preflight([], "", docker, { ARM_ENDPOINT: `http://127.0.0.1:${port}` });
    page.close();
    expect(other.stderr).toMatch(/^http:\S+ does not answer as Azure does \(Unexpected token/);
    expect([closed.status, other.status]).toEqual([1, 1]);
  });

  it("tells what it does not take", async () => {
    const { status, stderr } = await preflight(["dev"]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(
        /^Unexpected argument 'dev'.*\nUsage: npm run preflight -- \[--stack NAME\]\n$/,
      ),
    });
  });

  it("signs in with az where there is no managed identity", async () => {
    const token = await local.token();
    const signedIn = {
      az: `case "$*" in *get-access-token*) echo ${token};; *) echo ${subscriptionId};; esac`,
    };
    const environment = { IDENTITY_ENDPOINT: "", ARM_SUBSCRIPTION_ID: "" };
    expect(await preflight([], "", signedIn, environment)).toEqual(nothing);
    const { stderr } = await preflight([], "", { az: "echo Please run az login; exit 1" }, environment);
    expect(stderr).toBe("Azure does not let you in: Please run az login\n    az login\n");
  });

  it("names a name that Pulumi takes, where the given one is none", async () => {
    expect(await preflight(["--stack", "a b"])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /Pulumi takes no stack named 'a b'.*\n {4}npm run preflight -- --stack dev /,
      ),
    });
  });

  it("says which stacks there are", async () => {
    const { status, stderr } = await preflight(["--stack", "nightly"]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /There is no stack 'nightly' here: dev .*\n {4}pulumi stack init nightly && pulumi config set --stack nightly azure-native:location westeurope\n/,
      ),
    });
  });
});

describe("the rights that are missing", () => {
  const of = (actions: string[], notActions: string[] = []) => missingRights([{ actions, notActions }]);

  it("are none for an owner and a contributor", () => {
    expect(of(["*"])).toEqual([]);
    const contributor = ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"];
    expect(of(["*"], contributor)).toEqual([]);
  });

  it("are those that no role grants, whatever another takes out of its own", () => {
    expect(of(["*"], ["microsoft.web/*"])).toContain("Microsoft.Web/sites/write");
    const both = [
      { actions: ["*"], notActions: ["Microsoft.Web/*"] },
      { actions: ["Microsoft.Web/*"], notActions: [] },
    ];
    expect(missingRights(both)).toEqual([]);
    expect(of([])).toHaveLength(12);
  });

  it("are all that writes for the preview's role, which may list credentials", () => {
    const [json = ""] =
      /\{\s+"Name": "Pulumi preview"[\s\S]*?\n\}/.exec(readFileSync("docs/start.md", "utf8")) ?? [];
    const role = JSON.parse(json.replaceAll(/\$\{?\w+\}?/g, "x")) as { Actions: string[] };
    const missing = of(role.Actions);
    expect(missing.filter((operation) => /\/(write|delete)$/.test(operation))).toHaveLength(8);
    expect(missing).not.toContain("Microsoft.ContainerRegistry/registries/listCredentials/action");
    expect(role.Actions.filter((operation) => !operation.endsWith("/read"))).toEqual([
      "Microsoft.ContainerRegistry/registries/listCredentials/action",
    ]);
  });
});
