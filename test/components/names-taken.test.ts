import { describe, expect, it } from "vitest";
import { ScoringService, type ScoringServiceArgs } from "../../components/service.ts";
import { failureOf, programEnd, startMocks } from "./mocks.ts";
import { exportsOf, outputs, PLAN_ID, serveApp, serveAzure, settings } from "./service-fixtures.ts";

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

describe.each(FAILURES)("%s", (failure, answer, words, remedy) => {
  const site = "sites/app-azure-ml-scoring-dev-1a2b3c4d";
  const elsewhere = () => Response.json({ properties: { serverFarmId: "another", webSpace: "x" } });
  it.each([
    ["sites/my-app", { "sites/my-app": answer }, 'whether the webAppName "my-app" is free'],
    ["checkNameAvailability", { checkNameAvailability: answer }, 'whether the webAppName "my-app" is free'],
    [site, { [site]: answer }, "whether web app app-azure-ml-scoring-dev-1a2b3c4d can be on its plan"],
    [
      "serverfarms/plan-2",
      { [site]: elsewhere, "serverfarms/plan-2": answer },
      "whether web app app-azure-ml-scoring-dev-1a2b3c4d can be on its plan",
    ],
  ])("from %s ends in one sentence with what helps", async (end, answers, what) => {
    serveApp();
    const { calls } = serveAzure(answers);
    await startMocks({ outputs, calls });
    const args = named(what.includes("my-app") ? { webAppName: "my-app" } : { planName: "plan-2" });
    const messages = await failureOf(() => new ScoringService("scoring", args));
    // Where a resource has this path or not, is what the request asks.
    if (failure === "404" && end.startsWith("sites/")) return expect(messages).toEqual([]);
    expect(messages).toEqual([expect.stringMatching(/^[^\n]*$/)]);
    for (const part of [`Azure did not say ${what}: https://management`, `/${end}`, words, remedy]) {
      expect(messages[0]).toContain(part);
    }
  });
});

describe("a plan of another webspace", () => {
  const plan = PLAN_ID;
  const site = (serverFarmId: string) => () =>
    Response.json({ properties: { serverFarmId, webSpace: "rg-WestEuropewebspace-Linux" } });
  const planned = (webSpace: string) => () => Response.json({ properties: { webSpace } });

  it("is refused in one sentence, before the web app is touched", async () => {
    const { calls } = serveAzure({
      "sites/app-azure-ml-scoring-dev-1a2b3c4d": site(plan.replace("-2", "-1")),
      "serverfarms/plan-2": planned("rg-NorthEuropewebspace-Linux"),
    });
    const { resources } = await startMocks({ outputs, calls });
    expect(await failureOf(() => new ScoringService("scoring", named({ planName: "plan-2" })))).toEqual([
      "Azure does not move the web app app-azure-ml-scoring-dev-1a2b3c4d from webspace rg-WestEuropewebspace-Linux to rg-NorthEuropewebspace-Linux, where it has put the new plan: set webAppName anew too, or give planName a third name",
    ]);
    expect(resources.map(({ type }) => type)).not.toContain("azure-native:web:WebApp");
  });

  it.each([
    ["the app is on the plan", site(plan.toUpperCase()), planned("elsewhere")],
    ["the plan is in the app's webspace", site("another"), planned("rg-WestEuropewebspace-Linux")],
    ["there is no app yet", () => new Response("{}", { status: 404 }), planned("elsewhere")],
  ])("is not what it is when %s", async (_, app, answer) => {
    serveApp();
    const { calls } = serveAzure({
      "sites/app-azure-ml-scoring-dev-1a2b3c4d": app,
      "serverfarms/plan-2": answer,
    });
    const { resources } = await startMocks({ outputs, calls });
    await exportsOf(new ScoringService("scoring", named({ planName: "plan-2" })));
    const webApp = resources.find(({ type }) => type === "azure-native:web:WebApp");
    expect(webApp?.inputs.serverFarmId).toBe(plan);
  });
});
