import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { afterEach, vi } from "vitest";
import { revisionOf } from "../../components/release/revision.ts";
import { ScoringService, type ScoringServiceArgs } from "../../components/service.ts";
import { isSecretInput, programEnd, settled } from "./mocks.ts";

/** What a program tells of its progress. */
export const progress = vi.spyOn(pulumi.log, "info").mockResolvedValue();

// In each test file that imports this one.
afterEach(async () => {
  await programEnd();
  served = REVISION;
  progress.mockClear();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const HEX = "1a2b3c4d";
export const LOGIN_SERVER = "crazuremlscoringdev1a2b3c4d.azurecr.io";
export const DIGEST = `sha256:${"a".repeat(64)}`;
export const REFERENCE = `${LOGIN_SERVER}/scoring-app@${DIGEST}`;
export const HOST = "app-azure-ml-scoring-dev-1a2b3c4d.azurewebsites.net";
export const PASSWORD = "p4ssword-of-the-registry";
/** Of the revisions: a secret of its own. */
export const KEY = "key-of-the-revisions";
export const SITE_ID = "/subscriptions/s/resourceGroups/rg-dev/providers/Microsoft.Web/sites/app-dev";
export const PLAN_ID = "/subscriptions/s/resourceGroups/rg-dev/providers/Microsoft.Web/serverfarms/plan-2";
export const LIST_CREDENTIALS = "azure-native:containerregistry:listRegistryCredentials";

/** What each provider adds to the inputs; a preview of a creation knows none of it. */
export function outputs({ type, inputs }: MockResourceArgs): Record<string, unknown> {
  switch (type) {
    case "random:index/randomId:RandomId":
      return { hex: HEX };
    case "random:index/randomPassword:RandomPassword":
      return { result: KEY };
    case "azure-native:resources:ResourceGroup":
      return { name: inputs.resourceGroupName };
    case "azure-native:containerregistry:Registry":
      return { name: inputs.registryName, loginServer: LOGIN_SERVER };
    case "docker:index/image:Image":
      return { repoDigest: REFERENCE };
    case "azure-native:web:AppServicePlan":
      return { id: PLAN_ID };
    case "azure-native:web:WebApp":
      return { defaultHostName: HOST, id: SITE_ID };
    default:
      return {};
  }
}

export const credentials = () => ({ username: "admin", passwords: [{ name: "password", value: PASSWORD }] });

/** A call of Azure that fails with these words, in the provider's place. */
export const failing = (words: string) => (): never => {
  throw Object.assign(new Error(words), { details: words });
};

export const GET_WEB_APP = "azure-native:web:getWebApp";
export const LIST_SETTINGS = "azure-native:web:listWebAppApplicationSettings";
export const GET_TOKEN = "azure-native:authorization:getClientToken";

/** Azure's answers to the calls that an update makes. */
export const CALLS = {
  [LIST_CREDENTIALS]: credentials,
  [GET_WEB_APP]: () => ({
    id: SITE_ID,
    serverFarmId: PLAN_ID,
    siteConfig: { linuxFxVersion: `DOCKER|${REFERENCE}` },
    lastModifiedTimeUtc: "2026-01-02T03:04:05.678",
  }),
  [LIST_SETTINGS]: () => ({ properties: { ...OWN_SETTINGS, SCORING_REVISION: served } }),
  [GET_TOKEN]: () => ({ token: "t0ken" }),
  "azure-native:authorization:getClientConfig": () => ({ subscriptionId: "s" }),
};

/** What is asked of the resource manager where names are given: method and path, in order. */
export interface Asked {
  calls: typeof CALLS;
  requests: string[];
}

/**
 * The resource manager in front of the fetch that is stubbed now.
 * @param answers by the end of a path; 404 without one, and names are free
 */
export function serveAzure(answers: Record<string, () => Response | Promise<Response>> = {}): Asked {
  const requests: string[] = [];
  const app = globalThis.fetch;
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    if (!String(url).startsWith("https://management.azure.com/")) return app(url, init);
    const { pathname } = new URL(url);
    if (pathname.endsWith("/containerlogs")) return new Response(null, { status: 204 });
    requests.push(`${init?.method ?? "GET"} ${pathname}`);
    const found = Object.keys(answers).find((end) => pathname.endsWith(end));
    if (found) return answers[found]!();
    return pathname.endsWith("/checkNameAvailability")
      ? Response.json({ nameAvailable: true })
      : new Response("{}", { status: 404 });
  });
  return { calls: CALLS, requests };
}

export const secretSettings = (values: Record<string, string>) =>
  pulumi.secret(values) as pulumi.Output<Record<string, string>>;

export function settings(own: Partial<ScoringServiceArgs> = {}): ScoringServiceArgs {
  return {
    hosting: { planSku: "B1", instanceCount: 1, appSettings: secretSettings({}) },
    release: { readyTimeout: 900 },
    ...own,
  };
}

export const OWN_SETTINGS = {
  DOCKER_REGISTRY_SERVER_PASSWORD: PASSWORD,
  DOCKER_REGISTRY_SERVER_URL: `https://${LOGIN_SERVER}`,
  DOCKER_REGISTRY_SERVER_USERNAME: "admin",
  WEBSITES_ENABLE_APP_SERVICE_STORAGE: "false",
  WEBSITES_PORT: "8080",
};
export const REVISION = revisionOf(REFERENCE, OWN_SETTINGS, KEY);

let served = REVISION;

/** Answers like the deployed app, which has this revision among its settings. */
export function serveApp(revision = REVISION) {
  served = revision;
  const example = { data: [[1, 2]] };
  const swagger = {
    paths: { "/score": { post: { requestBody: { content: { "application/json": { example } } } } } },
  };
  const fetchMock = vi.fn<typeof fetch>(async (url) => {
    const { origin, pathname } = new URL(String(url));
    if (pathname.endsWith("/containerlogs")) return new Response(null, { status: 204 });
    // There is no web app yet.
    if (origin === "https://management.azure.com") return new Response("{}", { status: 404 });
    const body = { "/swagger.json": JSON.stringify(swagger), "/score": "[3.5]" }[pathname] ?? "ready";
    return new Response(body, { headers: { "x-scoring-revision": revision } });
  });
  vi.stubGlobal("fetch", fetchMock);
  return fetchMock;
}

export async function exportsOf(service: ScoringService) {
  const { scoringUrl, baseUrl, webAppName, resourceGroupName, registryLoginServer, imageReference } = service;
  const all = { scoringUrl, baseUrl, webAppName, resourceGroupName, registryLoginServer, imageReference };
  const entries = Object.entries(all).map(async ([key, output]) => [key, await settled(output)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What the engine is sent for each type: mocks are told of secrets and unknown values as a whole only. */
// biome-ignore lint/suspicious/noExplicitAny: a resource's properties.
export async function sentBy(hosting: ScoringServiceArgs["hosting"]): Promise<Record<string, any>> {
  const sent: [string, Promise<unknown>][] = [];
  const transformations: pulumi.ResourceTransformation[] = [
    ({ type, props, opts }) => {
      sent.push([type, pulumi.runtime.serializeProperties(type, props)]);
      return { props, opts };
    },
  ];
  await exportsOf(new ScoringService("scoring", settings({ hosting }), { transformations }));
  await programEnd();
  const found = sent.map(async ([type, props]) => [type, await props] as const);
  return Object.fromEntries(await Promise.all(found));
}

/** Where secrets begin, as the names on the way to them. */
export function secretsIn(entries: [string, unknown][]): string[] {
  return entries.flatMap(([key, value]) => {
    if (isSecretInput(value)) return [key];
    if (typeof value !== "object" || value === null) return [];
    const below = Object.entries(value).map(([name, one]): [string, unknown] => [one?.name ?? name, one]);
    return secretsIn(below).map((path) => `${key} ${path}`);
  });
}
