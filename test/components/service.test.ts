import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { revisionOf } from "../../components/release/revision.ts";
import { ScoringService } from "../../components/service.ts";
import { failureOf, startMocks, unwrapped } from "./mocks.ts";
import {
  CALLS,
  exportsOf,
  GET_TOKEN,
  GET_WEB_APP,
  HOST,
  KEY,
  LIST_CREDENTIALS,
  LIST_SETTINGS,
  LOGIN_SERVER,
  OWN_SETTINGS,
  outputs,
  PASSWORD,
  PLAN_ID,
  progress,
  REFERENCE,
  REVISION,
  SITE_ID,
  secretSettings,
  secretsIn,
  sentBy,
  serveApp,
  serveAzure,
  settings,
} from "./service-fixtures.ts";

const IMAGE = ".image/dev/scoring-image";

describe("an update", () => {
  it("declares exactly these resources with these inputs", async () => {
    const { resources, calls } = await startMocks({ outputs, calls: CALLS });
    serveApp();
    await exportsOf(new ScoringService("scoring", settings()));

    expect(resources.filter(({ custom }) => !custom).map(({ type, name }) => `${type} ${name}`)).toEqual([
      "scoring:service:ScoringService scoring",
      "scoring:registry:ScoringRegistry scoring-registry",
      "scoring:image:ScoringImage scoring-image",
      "scoring:web:ScoringWebApp scoring-app",
    ]);
    const custom = resources.filter((resource) => resource.custom);
    const byType = Object.fromEntries(
      custom.map(({ type, name, inputs }) => [`${type} ${name}`, unwrapped(inputs)]),
    );
    expect(custom).toHaveLength(7);
    expect(byType).toEqual({
      "random:index/randomId:RandomId scoring-suffix": { byteLength: 4 },
      "random:index/randomPassword:RandomPassword scoring-app-key": { length: 32, special: false },
      "azure-native:resources:ResourceGroup scoring-group": {
        resourceGroupName: "rg-azure-ml-scoring-dev",
        tags: {},
      },
      "azure-native:containerregistry:Registry scoring-registry": {
        resourceGroupName: "rg-azure-ml-scoring-dev",
        registryName: "crazuremlscoringdev1a2b3c4d",
        sku: { name: "Basic" },
        adminUserEnabled: true,
        tags: {},
        // What the SDK adds to every registry.
        anonymousPullEnabled: false,
        networkRuleBypassOptions: "AzureServices",
        publicNetworkAccess: "Enabled",
        zoneRedundancy: "Disabled",
      },
      "docker:index/image:Image scoring-image": {
        imageName: `${LOGIN_SERVER}/scoring-app:latest`,
        build: { context: IMAGE, dockerfile: `${IMAGE}/Dockerfile`, platform: "linux/amd64" },
        registry: { server: LOGIN_SERVER, username: "admin", password: PASSWORD },
        // What the SDK adds to every image.
        buildOnPreview: false,
        skipPush: false,
      },
      "azure-native:web:AppServicePlan scoring-app-plan": {
        resourceGroupName: "rg-azure-ml-scoring-dev",
        name: "asp-azure-ml-scoring-dev",
        kind: "linux",
        reserved: true,
        perSiteScaling: false,
        elasticScaleEnabled: false,
        zoneRedundant: false,
        sku: { name: "B1", capacity: 1 },
        tags: {},
      },
      "azure-native:web:WebApp scoring-app": {
        resourceGroupName: "rg-azure-ml-scoring-dev",
        name: "app-azure-ml-scoring-dev-1a2b3c4d",
        kind: "app,linux,container",
        reserved: true,
        serverFarmId: PLAN_ID,
        enabled: true,
        publicNetworkAccess: "Enabled",
        httpsOnly: true,
        clientAffinityEnabled: false,
        clientCertEnabled: false,
        hostNamesDisabled: false,
        siteConfig: {
          linuxFxVersion: `DOCKER|${REFERENCE}`,
          appSettings: [
            { name: "DOCKER_REGISTRY_SERVER_PASSWORD", value: PASSWORD },
            { name: "DOCKER_REGISTRY_SERVER_URL", value: `https://${LOGIN_SERVER}` },
            { name: "DOCKER_REGISTRY_SERVER_USERNAME", value: "admin" },
            { name: "SCORING_REVISION", value: REVISION },
            { name: "WEBSITES_ENABLE_APP_SERVICE_STORAGE", value: "false" },
            { name: "WEBSITES_PORT", value: "8080" },
          ],
          appCommandLine: "",
          acrUseManagedIdentityCreds: false,
          alwaysOn: true,
          ftpsState: "Disabled",
          healthCheckPath: "/v2/health/ready",
          http20Enabled: true,
          http20ProxyFlag: 0,
          httpLoggingEnabled: true,
          minTlsVersion: "1.2",
          scmMinTlsVersion: "1.2",
        },
        // What the SDK adds to every site.
        hyperV: false,
        isXenon: false,
        scmSiteAlsoStopped: false,
        tags: {},
      },
    });
    expect(calls.map(({ token, inputs }) => ({ token, inputs }))).toEqual([
      // Whether it can be on its plan.
      {
        token: GET_WEB_APP,
        inputs: { resourceGroupName: "rg-dev", name: "app-azure-ml-scoring-dev-1a2b3c4d" },
      },
      {
        token: LIST_CREDENTIALS,
        inputs: { resourceGroupName: "rg-azure-ml-scoring-dev", registryName: "crazuremlscoringdev1a2b3c4d" },
      },
      // Before it waits, and when the revision has answered.
      { token: GET_WEB_APP, inputs: { resourceGroupName: "rg-dev", name: "app-dev" } },
      { token: LIST_SETTINGS, inputs: { resourceGroupName: "rg-dev", name: "app-dev" } },
      { token: GET_TOKEN, inputs: {} },
      { token: GET_WEB_APP, inputs: { resourceGroupName: "rg-dev", name: "app-dev" } },
      { token: LIST_SETTINGS, inputs: { resourceGroupName: "rg-dev", name: "app-dev" } },
    ]);
  });

  it("exports the six outputs in clear once the app has scored its sample", async () => {
    await startMocks({ outputs, calls: CALLS });
    const asked = serveApp();
    const service = new ScoringService("scoring", settings());
    const plain = (value: string) => ({ known: true, value, secret: false });
    expect(await exportsOf(service)).toEqual({
      scoringUrl: plain(`https://${HOST}/score`),
      baseUrl: plain(`https://${HOST}`),
      webAppName: plain("app-azure-ml-scoring-dev-1a2b3c4d"),
      resourceGroupName: plain("rg-azure-ml-scoring-dev"),
      registryLoginServer: plain(LOGIN_SERVER),
      imageReference: plain(REFERENCE),
    });
    expect(asked.mock.calls.map(([url]) => String(url))).toEqual([
      `https://${HOST}/v2/health/ready`,
      `https://${HOST}/swagger.json?version=3`,
      `https://${HOST}/score`,
      `https://management.azure.com${SITE_ID}/containerlogs?api-version=2025-05-01`,
    ]);
    expect(progress.mock.calls).toEqual(
      [
        `Waiting for revision ${REVISION} at https://${HOST}: 0 s, no answer yet`,
        `Revision ${REVISION} is ready and has scored its sample: 0 s`,
      ].map((text) => [text, expect.anything(), undefined, true]),
    );
  });

  it("marks secret what holds the registry's password or a secret app setting, value by value, and nothing else", async () => {
    await startMocks({ outputs, calls: CALLS });
    const given = { appSettings: { SHOWN: "in clear" }, secretAppSettings: { API_KEY: "s3cret" } };
    serveApp(
      revisionOf(REFERENCE, { ...OWN_SETTINGS, ...given.appSettings, ...given.secretAppSettings }, KEY),
    );
    const sent = await sentBy({ planSku: "B1", instanceCount: 1, ...given });
    expect(secretsIn(Object.entries(sent))).toEqual([
      "docker:index/image:Image registry username",
      "docker:index/image:Image registry password",
      ...["API_KEY", "DOCKER_REGISTRY_SERVER_PASSWORD", "DOCKER_REGISTRY_SERVER_USERNAME"].map(
        (name) => `azure-native:web:WebApp siteConfig appSettings ${name} value`,
      ),
    ]);
    expect(sent["azure-native:web:WebApp"].siteConfig.appSettings).toContainEqual({
      name: "SHOWN",
      value: "in clear",
    });
  });

  it("keeps app settings that are secret as a whole so, and the rest of the web app's configuration in clear", async () => {
    await startMocks({ outputs, calls: CALLS });
    serveApp(revisionOf(REFERENCE, { ...OWN_SETTINGS, API_KEY: "s3cret" }, KEY));
    const appSettings = secretSettings({ API_KEY: "s3cret" });
    const sent = await sentBy({ planSku: "B1", instanceCount: 1, appSettings });
    expect(secretsIn(Object.entries(sent)).slice(-1)).toEqual([
      "azure-native:web:WebApp siteConfig appSettings",
    ]);
  });

  it("packages a Python model with what it needs, and gives its container the time that it takes", async () => {
    const limited = { ...OWN_SETTINGS, WEBSITES_CONTAINER_START_TIME_LIMIT: "600" };
    const revision = revisionOf(REFERENCE, limited, KEY);
    serveApp(revision);
    const properties = { ...limited, SCORING_REVISION: revision };
    const calls = { ...serveAzure().calls, [LIST_SETTINGS]: () => ({ properties }) };
    const { resources } = await startMocks({ outputs, calls });
    const own = settings({ image: { model: "examples/score-pickle", systemPackages: ["tini"] } });
    await exportsOf(
      new ScoringService("scoring", { ...own, hosting: { ...own.hosting, startTimeLimit: 600 } }),
    );
    const inputs = (type: string) => unwrapped(resources.find((resource) => resource.type === type)?.inputs);
    expect(inputs("docker:index/image:Image")).toMatchObject({
      build: {
        context: IMAGE,
        args: {
          PYTHON_IMAGE: "python:3.11-slim-bookworm",
          PYTHON_BUILD_IMAGE: "python:3.11-bookworm",
          PYTHON_VERSION: "3.11",
          SYSTEM_PACKAGES: "tini",
          ENTRY_SCRIPT: "score.py",
        },
      },
    });
    const { siteConfig } = inputs("azure-native:web:WebApp") as { siteConfig: { appSettings: unknown[] } };
    const limit = { name: "WEBSITES_CONTAINER_START_TIME_LIMIT", value: "600" };
    expect(siteConfig.appSettings).toContainEqual(limit);
  });

  it("says at the component which folder cannot be packaged, where its path is an output", async () => {
    await startMocks({ outputs, calls: serveAzure().calls });
    const image = { model: pulumi.output("scoring-app/src") };
    const messages = await failureOf(() => new ScoringService("scoring", settings({ image })));
    expect(messages).toEqual([expect.stringContaining('image.model is "scoring-app/src": holds no model')]);
  });

  it("takes names, SKU, base image, app settings and tags from the settings", async () => {
    const own = { ...OWN_SETTINGS, SCORING_TIMEOUT_MS: "500", API_KEY: "s3cret" };
    serveApp(revisionOf(REFERENCE, own, KEY));
    const { resources } = await startMocks({ outputs, calls: serveAzure().calls });
    const service = new ScoringService(
      "scoring",
      settings({
        placement: { resourceGroupName: "my-group", tags: { team: "risk" } },
        image: { registryName: "myregistry", baseImage: "registry.example/node:26" },
        hosting: {
          planSku: "P0v3",
          instanceCount: 2,
          planName: "my-plan",
          webAppName: "my-app",
          appSettings: { SCORING_TIMEOUT_MS: "500" },
          secretAppSettings: { API_KEY: "s3cret" },
        },
      }),
    );
    await exportsOf(service);
    const inputs = (type: string) => unwrapped(resources.find((resource) => resource.type === type)?.inputs);
    expect(inputs("azure-native:resources:ResourceGroup")).toMatchObject({ resourceGroupName: "my-group" });
    expect(inputs("azure-native:containerregistry:Registry")).toMatchObject({ registryName: "myregistry" });
    expect(inputs("azure-native:web:AppServicePlan")).toMatchObject({
      name: "my-plan",
      sku: { name: "P0v3", capacity: 2 },
    });
    expect(inputs("docker:index/image:Image")).toMatchObject({
      build: { args: { BASE_IMAGE: "registry.example/node:26" } },
    });
    expect(inputs("azure-native:web:WebApp")).toMatchObject({
      name: "my-app",
      siteConfig: {
        appSettings: expect.arrayContaining([
          { name: "API_KEY", value: "s3cret" },
          { name: "SCORING_TIMEOUT_MS", value: "500" },
        ]),
      },
    });
    const tagged = resources.filter((resource) => "tags" in resource.inputs);
    expect(tagged.map(({ inputs }) => inputs.tags)).toEqual(Array(4).fill({ team: "risk" }));
  });
});
