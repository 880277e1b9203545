import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ScoringService } from "../../components/service.ts";
import { failureOf, startMocks } from "./mocks.ts";
import {
  CALLS,
  DIGEST,
  failing,
  GET_TOKEN,
  GET_WEB_APP,
  HOST,
  LIST_CREDENTIALS,
  LIST_SETTINGS,
  LOGIN_SERVER,
  OWN_SETTINGS,
  outputs,
  progress,
  REFERENCE,
  REVISION,
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
    const { resources } = await startMocks({ outputs: image, calls: CALLS });
    const messages = await failureOf(() => new ScoringService("scoring", settings()));
    expect(messages).toEqual([
      expect.stringContaining(`The pushed image has ${found}, not one of ${LOGIN_SERVER}`),
    ]);
    expect(resources.map(({ type }) => type)).not.toContain("azure-native:web:WebApp");
  });

  it("says that the registry's admin user has no password", async () => {
    await startMocks({
      outputs,
      calls: { ...CALLS, [LIST_CREDENTIALS]: () => ({ username: "admin", passwords: [] }) },
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
    expect(calls.map(({ token }) => token)).toEqual([
      GET_WEB_APP,
      LIST_CREDENTIALS,
      GET_WEB_APP,
      LIST_SETTINGS,
      GET_TOKEN,
    ]);
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

  it.each([
    [{ SCORING_REVISION: "another" }, `SCORING_REVISION "another" instead of "${REVISION}"`],
    [{ SCORING_REVISION: undefined }, `SCORING_REVISION "" instead of "${REVISION}"`],
    [
      { WEBSITES_PORT: "9090", WEBSITES_ENABLE_APP_SERVICE_STORAGE: "true" },
      'WEBSITES_ENABLE_APP_SERVICE_STORAGE "true" instead of "false", WEBSITES_PORT "9090" instead of "8080"',
    ],
  ])(
    "says at once which app settings of its own are set otherwise, as %j, and what sends them anew",
    async (own, words) => {
      const properties = { ...OWN_SETTINGS, SCORING_REVISION: REVISION, ...own };
      await startMocks({ outputs, calls: { ...CALLS, [LIST_SETTINGS]: () => ({ properties }) } });
      const asked = serveApp("another");
      expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([
        `The web app app-dev is set to run with ${words}: somebody changed it; ` +
          "a changed tag or app setting makes `pulumi up` send them anew",
      ]);
      expect(asked).not.toHaveBeenCalled();
    },
  );

  it("compares no password, which Azure may not show, and no setting that is not its own", async () => {
    const properties = {
      ...OWN_SETTINGS,
      SCORING_REVISION: REVISION,
      DOCKER_REGISTRY_SERVER_PASSWORD: null,
      OTHERS: "x",
    };
    await startMocks({ outputs, calls: { ...CALLS, [LIST_SETTINGS]: () => ({ properties }) } });
    serveApp();
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([]);
  });

  it("takes an image's name in any case, as Azure does", async () => {
    const calls = { ...CALLS, [GET_WEB_APP]: () => siteWith(`docker|${REFERENCE.toUpperCase()}`) };
    await startMocks({ outputs, calls });
    serveApp();
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([]);
  });
});

const siteWith = (linuxFxVersion: string) => ({
  ...CALLS[GET_WEB_APP](),
  siteConfig: { linuxFxVersion },
  lastModifiedTimeUtc: "2026-01-02T03:04:05",
});

const [APP] = HOST.split(".");

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
  it.each([
    [LIST_CREDENTIALS, "The container registry's password could not be read", false, 0],
    [LIST_CREDENTIALS, "The container registry's password could not be read", true, 0],
    [GET_WEB_APP, `Azure did not say whether web app ${APP} can be on its plan`, false, 0],
    [GET_WEB_APP, "The web app could not be read", false, 1],
    [LIST_SETTINGS, "The web app could not be read", false, 0],
  ])("%s: one sentence with what helps (%s; preview: %s)", async (token, failed, preview, good) => {
    let left = good;
    const call = () => (left-- > 0 ? CALLS[token as typeof GET_WEB_APP]() : failing(words)());
    await startMocks({ preview, outputs, calls: { ...CALLS, [token]: call } });
    serveApp();
    const messages = await failureOf(() => new ScoringService("scoring", settings()));
    // That there is no web app yet is an answer.
    if (words.includes("404") && failed.includes("plan")) return expect(messages).not.toContain(failed);
    expect(messages).toEqual([expect.stringMatching(/^[^\n]*$/)]);
    expect(messages[0]).toContain(`${failed}: `);
    expect(messages[0]).toContain(remedy);
  });

  it("getClientToken: the deployment, which is good, succeeds and says so", async () => {
    await startMocks({ outputs, calls: { ...CALLS, [GET_TOKEN]: failing(words) } });
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

describe("a location that the stack is not in", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));
  const update = async (location: string, preview: boolean) => {
    const placed = (args: MockResourceArgs) => ({ ...outputs(args), location: "westeurope" });
    const started = await startMocks({ preview, outputs: placed, calls: CALLS });
    pulumi.runtime.setAllConfig({ "azure-native:location": location });
    serveApp();
    return started;
  };

  it.each([false, true])(
    "is refused in one sentence, and nothing in the group is touched (preview: %s)",
    async (preview) => {
      const { resources } = await update("northeurope", preview);
      expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([
        "azure-native:location is northeurope, and resource group rg-azure-ml-scoring-dev is in westeurope: " +
          "set the location back, or set resourceGroupName anew to move everything",
      ]);
      expect(resources.filter(({ type }) => /^azure-native:(web|containerregistry):/.test(type))).toEqual([]);
    },
  );

  it.each(["westeurope", "West Europe"])("is not %s", async (location) => {
    await update(location, false);
    expect(await failureOf(() => new ScoringService("scoring", settings()))).toEqual([]);
  });
});
