import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { describe, expect, it, vi } from "vitest";
import { ScoringService } from "../../components/service.ts";
import { failureOf, startMocks } from "./mocks.ts";
import {
  CALLS,
  credentials,
  DIGEST,
  GET_TOKEN,
  GET_WEB_APP,
  HOST,
  LIST_CREDENTIALS,
  LOGIN_SERVER,
  outputs,
  progress,
  REFERENCE,
  SITE_ID,
  serveApp,
  settings,
} from "./service-fixtures.ts";

describe("a failed update", () => {
  const answering = (type: string, answer: Record<string, unknown>) => (args: MockResourceArgs) => ({
    ...outputs(args),
    ...(args.type === type ? answer : {}),
  });

  it.each([
    ["no digest", undefined],
    [`the digest old.azurecr.io/scoring-app@${DIGEST}`, `old.azurecr.io/scoring-app@${DIGEST}`],
  ])("says that the pushed image has %s", async (found, repoDigest) => {
    const image = answering("docker:index/image:Image", { repoDigest });
    const { resources } = await startMocks({ outputs: image, calls: { [LIST_CREDENTIALS]: credentials } });
    const messages = await failureOf(() => new ScoringService("scoring", settings()));
    expect(messages).toEqual([
      expect.stringContaining(`The pushed image has ${found}, not one of ${LOGIN_SERVER}`),
    ]);
    expect(resources.map(({ type }) => type)).not.toContain("azure-native:web:WebApp");
  });

  it("says that the registry's admin user has no password", async () => {
    await startMocks({
      outputs,
      calls: { [LIST_CREDENTIALS]: () => ({ username: "admin", passwords: [] }) },
    });
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([
      "The container registry's admin user has no password: turn it on again",
    ]);
  });

  it("says why the app is not ready, with its last log lines and the command that follows them", async () => {
    const stopped = "<h1>Error 403 - This web app is stopped.</h1>";
    const { calls } = await startMocks({ outputs, calls: CALLS });
    const asked = vi.fn<typeof fetch>(async (url) =>
      String(url).startsWith("https://management.azure.com")
        ? new Response("first\nsecond\n")
        : new Response(stopped, { status: 403 }),
    );
    vi.stubGlobal("fetch", asked);
    const messages = await failureOf(() => new ScoringService("scoring", settings()));
    expect(messages).toEqual([
      `The web app at https://${HOST} is stopped: start it with \`az webapp start\` and run \`pulumi up\` again\n` +
        "Last lines of its container log:\nfirst\nsecond\n" +
        "To follow the log: az webapp log tail --name app-dev --resource-group rg-dev",
    ]);
    expect(calls.map(({ token }) => token)).toEqual([LIST_CREDENTIALS, GET_WEB_APP, GET_TOKEN]);
    expect(asked).toHaveBeenLastCalledWith(
      `https://management.azure.com${SITE_ID}/containerlogs?api-version=2025-05-01`,
      expect.objectContaining({
        method: "POST",
        headers: expect.objectContaining({ authorization: "Bearer t0ken" }),
      }),
    );
  });
  it("says which image is set where it is not the one that the program names, and what puts it right", async () => {
    const other = `DOCKER|${LOGIN_SERVER}/scoring-app@sha256:${"b".repeat(64)}`;
    const calls = { ...CALLS, [GET_WEB_APP]: () => siteWith(other) };
    await startMocks({ outputs, calls });
    serveApp();
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([
      `The web app app-dev is set to run ${other} instead of DOCKER|${REFERENCE}: somebody changed it; ` +
        "`pulumi up --refresh` (`npm run local -- refresh`, then `up`) puts it right",
    ]);
  });

  it("takes an image's name in any case, as Azure does", async () => {
    const calls = { ...CALLS, [GET_WEB_APP]: () => siteWith(`docker|${REFERENCE.toUpperCase()}`) };
    await startMocks({ outputs, calls });
    serveApp();
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([]);
  });
});

const siteWith = (linuxFxVersion: string) => ({
  siteConfig: { linuxFxVersion },
  lastModifiedTimeUtc: "2026-01-02T03:04:05",
});

/** What a call of Azure fails with, in the provider's words, and what then helps. */
const FAILURES: [what: string, words: string, remedy: string][] = [
  ["401", 'Status=401 Code="InvalidAuthenticationToken" Message="…"', "sign in again (`az login`)"],
  ["403", 'Status=403 Code="AuthorizationFailed" Message="…"', "sign in again (`az login`)"],
  ["404", 'Status=404 Code="ResourceNotFound" Message="…"', "somebody deleted it; `pulumi up --refresh`"],
  ["409", 'Status=409 Code="Conflict" Message="…"', "another operation changes it"],
  ["429", 'Status=429 Code="TooManyRequests" Message="…"', "Azure takes no more requests for now"],
  ["a cut connection", 'Post "https://management.azure.com":\n EOF', "see whether Azure can be reached"],
  [
    "the admin user turned off",
    'Status=400 Code="UnAuthorizedForCredentialOperations" Message="Cannot perform credential operations for /x as admin user is disabled."',
    "somebody turned it off; `pulumi up --refresh`",
  ],
];

describe.each(FAILURES)("a call of Azure that fails with %s", (_, words, remedy) => {
  const failing = () => {
    throw Object.assign(new Error(words), { details: words });
  };

  it.each([
    [LIST_CREDENTIALS, "The container registry's password could not be read", false],
    [LIST_CREDENTIALS, "The container registry's password could not be read", true],
    [GET_WEB_APP, "The web app could not be read", false],
  ])("%s: one sentence with what helps (%s; preview: %s)", async (token, failed, preview) => {
    await startMocks({ preview, outputs, calls: { ...CALLS, [token]: failing } });
    serveApp();
    const messages = await failureOf(() => new ScoringService("scoring", settings()));
    expect(messages).toEqual([expect.stringMatching(/^[^\n]*$/)]);
    expect(messages[0]).toContain(`${failed}: `);
    expect(messages[0]).toContain(remedy);
  });

  it("getClientToken: the deployment, which is good, succeeds and says so", async () => {
    await startMocks({ outputs, calls: { ...CALLS, [GET_TOKEN]: failing } });
    serveApp();
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([]);
    expect(progress.mock.lastCall?.[0]).toContain(
      "scored its sample: 0 s (its container log could not be read: ",
    );
  });
});

describe.each([401, 403, 404, 409, 429, undefined])("containerlogs that answers %s", (status) => {
  it("leaves a good deployment good, and says so", async () => {
    await startMocks({ outputs, calls: CALLS });
    const app = serveApp();
    vi.stubGlobal("fetch", async (...request: Parameters<typeof fetch>) => {
      if (!String(request[0]).includes("/containerlogs")) return app(...request);
      if (status) return new Response('{"error":{"message":"no"}}', { status });
      throw new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });
    });
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([]);
    const reason = status ? ` answered ${status}: {"error":{"message":"no"}}` : ": read ECONNRESET";
    expect(progress.mock.lastCall?.[0]).toContain(`/containerlogs?api-version=2025-05-01${reason})`);
  });
});
