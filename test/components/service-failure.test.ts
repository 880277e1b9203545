import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ScoringService } from "../../components/service.ts";
import { failureOf, startMocks } from "./mocks.ts";
import {
  credentials,
  DIGEST,
  HOST,
  LIST_CREDENTIALS,
  LOGIN_SERVER,
  outputs,
  settings,
} from "./service-fixtures.ts";

vi.spyOn(pulumi.log, "info").mockResolvedValue();

afterEach(() => vi.unstubAllGlobals());

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
    const id = "/subscriptions/s/resourceGroups/rg-dev/providers/Microsoft.Web/sites/app-dev";
    const stopped = "<h1>Error 403 - This web app is stopped.</h1>";
    const azure = "azure-native:authorization:getClientToken";
    const { calls } = await startMocks({
      outputs: answering("azure-native:web:WebApp", { id }),
      calls: { [LIST_CREDENTIALS]: credentials, [azure]: () => ({ token: "t0ken" }) },
    });
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
    expect(calls.map(({ token }) => token)).toEqual([LIST_CREDENTIALS, azure]);
    expect(asked).toHaveBeenLastCalledWith(
      `https://management.azure.com${id}/containerlogs?api-version=2025-05-01`,
      expect.objectContaining({ method: "POST", headers: { authorization: "Bearer t0ken" } }),
    );
  });
});
