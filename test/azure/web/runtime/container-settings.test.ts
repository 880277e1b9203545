import { describe, expect, it, vi } from "vitest";
import {
  candidatePorts,
  containerSettings,
  SettingError,
} from "../../../../local/azure/web/runtime/container-settings.ts";
import { dockerRunLine } from "../../../../local/azure/web/runtime/environment.ts";
import { registryCredentials } from "../../../../local/azure/web/runtime/registry-credentials.ts";
import { splitCommand } from "../../../../local/azure/web/runtime/start-command.ts";
import { defaultTimes } from "../../../../local/azure/web/runtime/times.ts";
import type { SiteSpec } from "../../../../local/azure/web/runtime/types.ts";
import { registryOf, splitReference } from "../../../../local/docker/image-reference.ts";
import { siteSpec } from "./site-specs.ts";

const of = (settings: Record<string, string> = {}, changes: Partial<SiteSpec> = {}) =>
  containerSettings(siteSpec(changes, settings), "a".repeat(64), defaultTimes)!;

it("a container is given no proxy, whatever the environment of local Azure", () => {
  for (const name of ["HTTP_PROXY", "https_proxy", "NO_PROXY"]) vi.stubEnv(name, "http://proxy:3128");
  const names = Object.keys(of().environment);
  vi.unstubAllEnvs();
  expect(names.filter((name) => /proxy/i.test(name))).toEqual([]);
});

it("a container finds settings under the names that Linux can carry: a dot becomes _, a dash goes", () => {
  const { environment } = of({ "a.b.c": "1", "CUSTOMCONNSTR_my-db.x": "$\\2", plain: "3" });
  expect(environment).toMatchObject({ a_b_c: "1", CUSTOMCONNSTR_mydb_x: "$\\2", plain: "3" });
  expect(Object.keys(environment).filter((name) => !/^\w+$/.test(name))).toEqual([]);
});

describe("the container port", () => {
  it.each([
    { settings: { WEBSITES_PORT: "5000", PORT: "6000" }, exposed: ["7000/tcp"], ports: [5000] },
    { settings: { PORT: "6000" }, exposed: ["7000/tcp"], ports: [6000] },
    { settings: {}, exposed: ["2222/tcp", "9000/tcp", "7000/tcp", "53/udp"], ports: [7000] },
    { settings: {}, exposed: ["2222/tcp"], ports: [80, 8080] },
    { settings: { WEBSITES_PORT: " " }, exposed: [], ports: [80, 8080] },
  ])("is $ports with $settings and EXPOSE $exposed", ({ settings, exposed, ports }) => {
    expect(candidatePorts(of(settings as Record<string, string>).port, exposed)).toEqual(ports);
  });

  it.each(["0", "65536", "80.5", "http"])("is not %s", (value) => {
    expect(() => of({ WEBSITES_PORT: value })).toThrow(SettingError);
    expect(() => of({ WEBSITES_PORT: value })).toThrow(`WEBSITES_PORT is "${value}"`);
  });
});

describe("the settings of the platform", () => {
  it.each([
    [{}, { startLimit: 30_000, stopLimit: 5_000, persistentHome: true, overlap: true }],
    [{ WEBSITES_CONTAINER_START_TIME_LIMIT: "230" }, { startLimit: 230_000 }],
    [{ WEBSITES_CONTAINER_START_TIME_LIMIT: "5" }, { startLimit: 10_000 }],
    [{ WEBSITES_CONTAINER_START_TIME_LIMIT: "9999" }, { startLimit: 1_800_000 }],
    [{ WEBSITES_CONTAINER_STOP_TIME_LIMIT: "500" }, { stopLimit: 120_000 }],
    [{ WEBSITES_ENABLE_APP_SERVICE_STORAGE: "False" }, { persistentHome: false }],
    [{ WEBSITE_DISABLE_OVERLAPPED_RECYCLING: "1" }, { overlap: false }],
    [{}, { warmUpPath: "/robots933456.txt", warmUpStatuses: [] }],
    [
      { WEBSITE_WARMUP_PATH: "/ready", WEBSITE_WARMUP_STATUSES: "200, 202" },
      { warmUpPath: "/ready", warmUpStatuses: [200, 202] },
    ],
  ])("%j make %j", (settings, expected) => {
    expect(of(settings as Record<string, string>)).toMatchObject(expected);
  });

  it("that cannot be understood are named", () => {
    expect(() => of({ WEBSITES_CONTAINER_START_TIME_LIMIT: "soon" })).toThrow('START_TIME_LIMIT is "soon"');
    expect(() => of({ WEBSITE_WARMUP_STATUSES: "2xx" })).toThrow('WEBSITE_WARMUP_STATUSES is "2xx"');
  });

  it("make no container without a container image", () => {
    expect(of({}, { linuxFxVersion: "" })).toBeUndefined();
    expect(of({}, { linuxFxVersion: "NODE|24-lts" })).toBeUndefined();
  });
});

describe("a new container is due", () => {
  const before = of({ A: "1", B: "2" });
  it.each<[string, Record<string, string>, Partial<SiteSpec>]>([
    ["an app setting", { A: "1", B: "3" }, {}],
    ["the registry's password", { A: "1", B: "2", DOCKER_REGISTRY_SERVER_PASSWORD: "new" }, {}],
    ["the image", { A: "1", B: "2" }, { linuxFxVersion: "DOCKER|localhost:5000/scoring@sha256:4567" }],
    ["the start-up command", { A: "1", B: "2" }, { appCommandLine: "node other.js" }],
    ["the health check's path", { A: "1", B: "2" }, { healthCheckPath: "/health" }],
    ["container logging", { A: "1", B: "2" }, { containerLogging: false }],
  ])("when %s changes", (_what, settings, changes) => {
    expect(of(settings, changes).hash).not.toBe(before.hash);
  });

  it("not when only the front end's settings change, or the order of the app settings", () => {
    const changes = {
      httpsOnly: false,
      minTlsVersion: "1.3",
      http20Enabled: false,
      clientAffinityEnabled: true,
    };
    expect(of({ B: "2", A: "1" }, changes).hash).toBe(before.hash);
  });
});

it.each([
  [
    "localhost:5000/scoring@sha256:01",
    "localhost:5000",
    { repository: "localhost:5000/scoring", tag: "sha256:01" },
  ],
  [
    "localhost:5000/team/scoring:v1",
    "localhost:5000",
    { repository: "localhost:5000/team/scoring", tag: "v1" },
  ],
  ["CR.azurecr.io/scoring", "cr.azurecr.io", { repository: "CR.azurecr.io/scoring", tag: "latest" }],
  ["nginx:1", "docker.io", { repository: "nginx", tag: "1" }],
  ["library/nginx", "docker.io", { repository: "library/nginx", tag: "latest" }],
  [
    "index.docker.io/library/nginx",
    "docker.io",
    { repository: "index.docker.io/library/nginx", tag: "latest" },
  ],
])("%s is pulled from %s", (image, host, reference) => {
  expect(registryOf(image)).toBe(host);
  expect(splitReference(image)).toEqual(reference);
});

it.each([
  ["https://localhost:5000", "localhost:5000", true],
  ["localhost:5000/", "localhost:5000", true],
  ["https://localhost:5000", "localhost:5001", false],
  ["https://cr.azurecr.io", "cr.azurecr.io.example.com", false],
  ["https://index.docker.io/v1", "docker.io", true],
  ["", "docker.io", false],
  ["HTTPS://LOCALHOST:5000/v2/", "localhost:5000", true],
  ["https://localhost", "localhost:5000", false],
])("credentials for %j go to %s: %s", (server, host, sent) => {
  const settings = {
    DOCKER_REGISTRY_SERVER_URL: server,
    DOCKER_REGISTRY_SERVER_USERNAME: "user",
    DOCKER_REGISTRY_SERVER_PASSWORD: "secret",
  };
  expect(registryCredentials(host, settings)?.password).toBe(sent ? "secret" : undefined);
});

it.each([
  ["", []],
  ["node dist/main.js", ["node", "dist/main.js"]],
  [`sh -c "echo 'a b' && exec node"`, ["sh", "-c", "echo 'a b' && exec node"]],
  [`a\\ b 'c\\d' "e\\"f" ''`, ["a b", "c\\d", 'e"f', ""]],
])("the start-up command %j is %j", (line, words) => {
  expect(splitCommand(line)).toEqual(words);
});

it("the docker run line has the platform's variables, and neither secrets nor ordinary settings", () => {
  const settings = of(
    { WEBSITES_PORT: "8080", SECRET: "hidden", DOCKER_REGISTRY_SERVER_PASSWORD: "hidden too" },
    { appCommandLine: "node other.js" },
  );
  const run = {
    name: "app-test_0_01234567",
    image: settings.image,
    command: settings.command,
    ports: [8080],
    published: ["32768:8080"],
    environment: { PORT: "8080", ...settings.environment },
  };
  expect(settings.environment).toMatchObject({ SECRET: "hidden" });
  expect(settings.environment).not.toHaveProperty("DOCKER_REGISTRY_SERVER_PASSWORD");
  const variables = `-e WEBSITES_PORT=8080 -e WEBSITE_SITE_NAME=app-test -e WEBSITE_AUTH_ENABLED=False -e WEBSITE_ROLE_INSTANCE_ID=0 -e WEBSITE_HOSTNAME=localhost:40001 -e WEBSITE_INSTANCE_ID=${"a".repeat(64)} -e HTTP_LOGGING_ENABLED=1 -e WEBSITE_USE_DIAGNOSTIC_SERVER=False`;
  expect(dockerRunLine(run)).toBe(
    `docker run -d -p 32768:8080 --name app-test_0_01234567 ${variables} ${settings.image} node other.js  \n`,
  );
  expect(dockerRunLine({ ...run, published: [] })).toMatch(/^docker run -d --expose=8080 --name /);
});
