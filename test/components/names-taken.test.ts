import { describe, expect, it } from "vitest";
import { ScoringService, type ScoringServiceArgs } from "../../components/service.ts";
import { failureOf, programEnd, startMocks } from "./mocks.ts";
import {
  CALLS,
  exportsOf,
  failing,
  GET_WEB_APP,
  outputs,
  PLAN_ID,
  serveApp,
  serveAzure,
  settings,
} from "./service-fixtures.ts";

const named = (own: Partial<ScoringServiceArgs["hosting"]>, registryName?: string) =>
  settings({
    placement: { resourceGroupName: "new" },
    ...(registryName && { image: { registryName } }),
    hosting: { planSku: "B1", instanceCount: 1, ...own },
  });

const group = "/subscriptions/s/resourceGroups/new/providers";
const taken = () => Response.json({ nameAvailable: false, reason: "AlreadyExists" });

describe("a given name that all of Azure has once", () => {
  it.each([false, true])(
    "is refused before anything is declared when another group has it (preview: %s)",
    async (preview) => {
      const { calls, requests } = serveAzure({ checkNameAvailability: taken });
      const { resources } = await startMocks({ preview, outputs, calls });
      const args = named({ webAppName: "my-app" }, "myregistry");
      expect(await failureOf(() => new ScoringService("scoring", args))).toEqual([
        'registryName "myregistry" and webAppName "my-app": taken outside of resource group new, and a name that all of Azure has once; choose another, or leave it out',
      ]);
      // Random values are nothing in Azure.
      expect(resources.filter(({ custom, type }) => custom && !type.startsWith("random:"))).toEqual([]);
      expect(requests.sort()).toEqual([
        `GET ${group}/Microsoft.ContainerRegistry/registries/myregistry`,
        `GET ${group}/Microsoft.Web/sites/my-app`,
        "POST /subscriptions/s/providers/Microsoft.ContainerRegistry/checkNameAvailability",
        "POST /subscriptions/s/providers/Microsoft.Web/checkNameAvailability",
      ]);
    },
  );

  it("is taken when its resource is in the group, or when it is free; without one nothing is asked", async () => {
    serveApp();
    const { calls, requests } = serveAzure({ "sites/my-app": () => Response.json({ properties: {} }) });
    const { resources } = await startMocks({ preview: true, outputs, calls });
    await exportsOf(new ScoringService("scoring", named({ webAppName: "my-app" }, "myregistry")));
    expect(resources.filter(({ custom }) => custom)).toHaveLength(7);
    expect(requests).toHaveLength(3);
    await programEnd();
    await startMocks({ preview: true, outputs, calls });
    await exportsOf(new ScoringService("scoring", settings()));
    expect(requests).toHaveLength(3);
  });
});

const refused = (status: number, body: string) => () => new Response(body, { status });
const cut = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("read ECONNRESET") }));

/** How a request to Azure fails, and what then helps. */
const FAILURES: [
  failure: string,
  answer: () => Response | Promise<Response>,
  words: string,
  remedy: string,
][] = [
  ["401", refused(401, "no\n way"), " answered 401: no way", "sign in again"],
  ["403", refused(403, "no\n way"), " answered 403: no way", "sign in again"],
  [
    "404",
    refused(404, "SubscriptionNotFound"),
    " answered 404: SubscriptionNotFound",
    "which subscription is meant",
  ],
  ["409", refused(409, "no\n way"), " answered 409: no way", "run this again in a minute"],
  ["429", refused(429, "no\n way"), " answered 429: no way", "run this again in some minutes"],
  ["500", refused(500, "no\n way"), " answered 500: no way", "see whether Azure can be reached"],
  ["a cut connection", cut, ": read ECONNRESET", "see whether Azure can be reached"],
];

const siteOn = (serverFarmId: string) => ({ ...CALLS[GET_WEB_APP](), serverFarmId });

describe.each(FAILURES)("%s", (failure, answer, words, remedy) => {
  const another = () => Response.json({ properties: { webSpace: "x" } });
  it.each([
    ["sites/my-app", { "sites/my-app": answer }, 'whether the webAppName "my-app" is free'],
    ["checkNameAvailability", { checkNameAvailability: answer }, 'whether the webAppName "my-app" is free'],
    ["serverfarms/my-plan", { "serverfarms/my-plan": answer }, 'whether the planName "my-plan" is free'],
    [
      "sites/app-dev",
      { "sites/app-dev": answer, "serverfarms/plan-2": another },
      "whether web app app-azure-ml-scoring-dev-1a2b3c4d can be on its plan",
    ],
    [
      "serverfarms/plan-2",
      { "sites/app-dev": another, "serverfarms/plan-2": answer },
      "whether web app app-azure-ml-scoring-dev-1a2b3c4d can be on its plan",
    ],
  ])("from %s ends in one sentence with what helps", async (end, answers, what) => {
    serveApp();
    const { calls } = serveAzure(answers);
    await startMocks({ outputs, calls: { ...calls, [GET_WEB_APP]: () => siteOn("another") } });
    const given = { webAppName: what.includes("my-app") ? "my-app" : undefined };
    const args = named({ ...given, planName: what.includes("my-plan") ? "my-plan" : undefined });
    const messages = await failureOf(() => new ScoringService("scoring", args));
    // Where a resource has this path or not, is what the request asks.
    if (failure === "404" && what.includes("free") && !end.startsWith("check"))
      return expect(messages).not.toContain(what);
    expect(messages).toEqual([expect.stringMatching(/^[^\n]*$/)]);
    for (const part of [`Azure did not say ${what}: https://management`, `/${end}`, words, remedy]) {
      expect(messages[0]).toContain(part);
    }
  });
});

describe("a plan of another webspace", () => {
  const planned = (webSpace: string) => () => Response.json({ properties: { webSpace } });
  const own = "rg-WestEuropewebspace-Linux";
  const update = async (site: () => Record<string, unknown>, planSpace: string) => {
    const { calls } = serveAzure({
      "sites/app-dev": planned(own),
      "serverfarms/plan-2": planned(planSpace),
    });
    return startMocks({ outputs, calls: { ...calls, [GET_WEB_APP]: site } });
  };

  it.each([
    ["a given", { planName: "plan-2" }],
    ["a generated, after a given one was taken out", {}],
  ])("is refused in one sentence, before the web app is touched: %s name", async (_, args) => {
    const { resources } = await update(() => siteOn(`${PLAN_ID}-old`), "rg-NorthEuropewebspace-Linux");
    expect(await failureOf(() => new ScoringService("scoring", named(args)))).toEqual([
      "Azure does not move the web app app-azure-ml-scoring-dev-1a2b3c4d from webspace rg-WestEuropewebspace-Linux to rg-NorthEuropewebspace-Linux, where it has put the new plan: set webAppName anew too, or give planName a third name",
    ]);
    expect(resources.map(({ type }) => type)).not.toContain("azure-native:web:WebApp");
  });

  it.each([
    ["the app is on the plan", () => siteOn(PLAN_ID.toUpperCase()), "elsewhere"],
    ["the plan is in the app's webspace", () => siteOn("another"), own],
    [
      "there is no app yet",
      failing('request failed /x: Status=404 Code="ResourceNotFound" Message="…"'),
      "elsewhere",
    ],
  ])("is not what it is when %s", async (_, site, planSpace) => {
    serveApp();
    let asked = 0;
    // Once it is written, it is there.
    const { resources } = await update(() => (asked++ === 0 ? site() : siteOn(PLAN_ID)), planSpace);
    await exportsOf(new ScoringService("scoring", named({ planName: "plan-2" })));
    const webApp = resources.find(({ type }) => type === "azure-native:web:WebApp");
    expect(webApp?.inputs.serverFarmId).toBe(PLAN_ID);
  });
});

it.each([
  ["planName", "my-plan", "serverfarms", "MY-plan"],
  ["webAppName", "my-app", "sites", "My-App"],
])(
  "a given %s in another case than the deployed one's is refused in one sentence",
  async (argument, name, type, deployed) => {
    const { calls } = serveAzure({ [`${type}/${name}`]: () => Response.json({ name: deployed }) });
    const { resources } = await startMocks({ preview: true, outputs, calls });
    expect(await failureOf(() => new ScoringService("scoring", named({ [argument]: name })))).toEqual([
      `${argument} "${name}" is deployed as "${deployed}", the same name to Azure: write it so`,
    ]);
    expect(resources.filter(({ custom, type }) => custom && !type.startsWith("random:"))).toEqual([]);
  },
);
