import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { expect, it, vi } from "vitest";
import { ScoringService, type ScoringServiceArgs } from "../../components/service.ts";
import { programEnd, type Registered, settled, startMocks, unwrapped } from "./mocks.ts";
import {
  CALLS,
  exportsOf,
  failing,
  GET_WEB_APP,
  LIST_SETTINGS,
  serveAzure,
  settings,
} from "./service-fixtures.ts";

const SUFFIXES: Record<string, string> = { "scoring-suffix": "00000001", "eu-suffix": "00000002" };

/** Providers that answer each resource by its own name. */
function outputs({ type, name, inputs }: MockResourceArgs): Record<string, unknown> {
  switch (type) {
    case "random:index/randomId:RandomId":
      return { hex: SUFFIXES[name] };
    case "random:index/randomPassword:RandomPassword":
      return { result: `key of ${name}` };
    case "azure-native:resources:ResourceGroup":
      return { name: inputs.resourceGroupName };
    case "azure-native:containerregistry:Registry":
      return { name: inputs.registryName, loginServer: `${inputs.registryName}.azurecr.io` };
    case "azure-native:web:AppServicePlan":
      return { id: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/serverfarms/${inputs.name}` };
    case "docker:index/image:Image":
      return { repoDigest: String(inputs.imageName).replace(":latest", `@sha256:${"a".repeat(64)}`) };
    case "azure-native:web:WebApp":
      return {
        id: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/${inputs.name}`,
        defaultHostName: `${inputs.name}.azurewebsites.net`,
      };
    default:
      return {};
  }
}

/** The URNs of every stack that is deployed, as the mocks spell them: another one would be another resource. */
const LIVING_STACK = [
  "service:ScoringService::scoring",
  "service:ScoringService$azure-native:resources:ResourceGroup::scoring-group",
  "service:ScoringService$random:index/randomId:RandomId::scoring-suffix",
  "service:ScoringService$scoring:registry:ScoringRegistry::scoring-registry",
  "registry:ScoringRegistry$azure-native:containerregistry:Registry::scoring-registry",
  "service:ScoringService$scoring:image:ScoringImage::scoring-image",
  "image:ScoringImage$docker:index/image:Image::scoring-image",
  "service:ScoringService$scoring:web:ScoringWebApp::scoring-app",
  "web:ScoringWebApp$random:index/randomPassword:RandomPassword::scoring-app-key",
  "web:ScoringWebApp$azure-native:web:AppServicePlan::scoring-app-plan",
  "web:ScoringWebApp$azure-native:web:WebApp::scoring-app",
].map((urn) => `urn:pulumi:dev::azure-ml-scoring::scoring:${urn}`);

/** Two services in one program: resources and the two services' outputs as an update leaves them. */
async function deploy(first: ScoringServiceArgs, second: ScoringServiceArgs) {
  const getWebApp = ({ name }: Record<string, unknown>) => {
    const app = webApps(resources).find((one) => one.name === name);
    if (!app) return failing("Status=404")();
    return { ...CALLS[GET_WEB_APP](), siteConfig: app.siteConfig };
  };
  const listSettings = ({ name }: Record<string, unknown>) => {
    const given = webApps(resources).find((app) => app.name === name)?.siteConfig.appSettings ?? [];
    return { properties: Object.fromEntries(given.map((one) => [one.name, one.value])) };
  };
  const { calls } = serveAzure();
  const { resources } = await startMocks({
    outputs,
    calls: { ...calls, [GET_WEB_APP]: getWebApp, [LIST_SETTINGS]: listSettings },
  });
  const azure = globalThis.fetch;
  // Each app is ready when it answers with the revision that it was deployed with.
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    const { host, pathname } = new URL(url);
    if (pathname.endsWith("/containerlogs")) return new Response(null, { status: 204 });
    if (host === "management.azure.com") return azure(url, init);
    const headers = { "x-scoring-revision": appSetting(host, "SCORING_REVISION") };
    const example = { data: [[1]] };
    const content = { "application/json": { example } };
    const swagger = { paths: { "/score": { post: { requestBody: { content } } } } };
    const body = { "/swagger.json": JSON.stringify(swagger), "/score": "[3.5]" }[pathname] ?? "ready";
    return new Response(body, { headers });
  });
  const appSetting = (host: string, key: string) => {
    const app = webApps(resources).find(({ name }) => host === `${name}.azurewebsites.net`);
    return app?.siteConfig.appSettings.find(({ name }) => name === key)?.value ?? "";
  };
  const urns: pulumi.Output<string>[] = [];
  const transformations: pulumi.ResourceTransformation[] = [
    ({ resource, props, opts }) => {
      queueMicrotask(() => urns.push(resource.urn));
      return { props, opts };
    },
  ];
  const services = [
    new ScoringService("scoring", first, { transformations }),
    new ScoringService("eu", second, { transformations }),
  ];
  const exported = await Promise.all(services.map(exportsOf));
  await programEnd();
  const urnsFound = await Promise.all(urns.map(settled));
  return { resources, exported, urns: urnsFound.map(({ value }) => value) };
}

interface WebApp {
  name: string;
  tags: Record<string, string>;
  siteConfig: { appSettings: { name: string; value: string }[] };
}

function webApps(resources: Registered[]): WebApp[] {
  const apps = resources.filter(({ type }) => type === "azure-native:web:WebApp");
  return apps.map(({ inputs }) => unwrapped(inputs) as WebApp);
}

/** The names that the resources of a type have in Azure. */
function names(resources: Registered[], type: string, property: string): unknown[] {
  return resources
    .filter((resource) => resource.type === `azure-native:${type}`)
    .map(({ inputs }) => inputs[property]);
}

it("with generated names share neither a URN nor a name, and the first is named as if it were alone", async () => {
  const { resources, exported, urns } = await deploy(settings(), settings());
  expect(resources).toHaveLength(22);
  expect(urns).toHaveLength(22);
  expect(new Set(urns).size).toBe(22);
  expect(urns.slice(0, 11)).toEqual(LIVING_STACK);
  expect(names(resources, "resources:ResourceGroup", "resourceGroupName")).toEqual([
    "rg-azure-ml-scoring-dev",
    expect.stringMatching(/^rg-azure-ml-scoring-dev-eu-[0-9a-f]{6}$/),
  ]);
  expect(names(resources, "containerregistry:Registry", "registryName")).toEqual([
    "crazuremlscoringdev00000001",
    expect.stringMatching(/^crazuremlscoringdeveu[0-9a-f]{6}00000002$/),
  ]);
  expect(names(resources, "web:AppServicePlan", "name")).toEqual([
    "asp-azure-ml-scoring-dev",
    expect.stringMatching(/^asp-azure-ml-scoring-dev-eu-[0-9a-f]{6}$/),
  ]);
  expect(names(resources, "web:WebApp", "name")).toEqual([
    "app-azure-ml-scoring-dev-00000001",
    expect.stringMatching(/^app-azure-ml-scoring-dev-eu-[0-9a-f]{6}-00000002$/),
  ]);
  const images = resources.filter(({ type }) => type === "docker:index/image:Image");
  const contexts = images.map(({ inputs }) => (unwrapped(inputs.build) as { context: string }).context);
  expect(contexts).toEqual([".image/dev/scoring-image", ".image/dev/eu-image"]);
  const urls = exported.map(({ scoringUrl }) => scoringUrl?.value);
  expect(urls[0]).toBe("https://app-azure-ml-scoring-dev-00000001.azurewebsites.net/score");
  expect(urls[1]).toMatch(/^https:\/\/app-azure-ml-scoring-dev-eu-.*-00000002\.azurewebsites\.net\/score$/);
});

it("take names, tags, SKU, instances, app settings, base image and timeout that are outputs, each its own", async () => {
  const args = (label: string, planSku: string, instanceCount: number): ScoringServiceArgs => ({
    placement: {
      resourceGroupName: pulumi.output(`group-${label}`),
      tags: { team: pulumi.output(label), fixed: "yes" },
    },
    image: {
      registryName: pulumi.output(`registry${label}`),
      baseImage: pulumi.output(`registry.example/${label}:24`),
    },
    hosting: {
      planName: Promise.resolve(`plan-${label}`),
      webAppName: pulumi.output(`app-${label}`),
      planSku: pulumi.output(planSku),
      instanceCount: pulumi.output(instanceCount),
      appSettings: { LABEL: pulumi.output(label) },
    },
    release: { readyTimeout: pulumi.output(60) },
  });
  const { resources } = await deploy(args("one", "p1v3", 4), args("two", "B1", 3));
  expect(names(resources, "resources:ResourceGroup", "resourceGroupName")).toEqual([
    "group-one",
    "group-two",
  ]);
  expect(names(resources, "containerregistry:Registry", "registryName")).toEqual([
    "registryone",
    "registrytwo",
  ]);
  expect(names(resources, "web:AppServicePlan", "name")).toEqual(["plan-one", "plan-two"]);
  expect(names(resources, "web:AppServicePlan", "sku")).toEqual([
    { name: "P1v3", capacity: 4 },
    { name: "B1", capacity: 3 },
  ]);
  const builds = resources.filter(({ type }) => type === "docker:index/image:Image");
  expect(builds.map(({ inputs }) => inputs.build)).toEqual([
    expect.objectContaining({ args: { BASE_IMAGE: "registry.example/one:24" } }),
    expect.objectContaining({ args: { BASE_IMAGE: "registry.example/two:24" } }),
  ]);
  const apps = webApps(resources);
  expect(apps.map(({ name }) => name)).toEqual(["app-one", "app-two"]);
  for (const [index, label] of ["one", "two"].entries()) {
    expect(apps[index]?.siteConfig.appSettings).toContainEqual({ name: "LABEL", value: label });
    const tagged = resources.filter(({ inputs }) => (inputs.tags as WebApp["tags"])?.team === label);
    expect(tagged.map(({ inputs }) => inputs.tags)).toEqual(Array(4).fill({ team: label, fixed: "yes" }));
  }
});
