import { expect, it } from "vitest";
import { configuredCloud, resourceManagerUrl } from "../../../components/azure/resource-manager.ts";

const noRequest: typeof fetch = async (url) => expect.unreachable(`request of ${url}`);

const answering =
  (expected: string, response: Response): typeof fetch =>
  async (url) => {
    expect(String(url)).toBe(expected);
    return response;
  };

it.each([
  [{}, "https://management.azure.com"],
  [{ environment: "public" }, "https://management.azure.com"],
  [{ environment: "USGovernment" }, "https://management.usgovcloudapi.net"],
  [{ environment: "china" }, "https://management.chinacloudapi.cn"],
])("%j: the resource manager is %s", async (cloud, expected) => {
  expect(await resourceManagerUrl(cloud, noRequest)).toBe(expected);
});

it("asks a metadata host, whatever the environment, for the resource manager", async () => {
  const get = answering(
    "https://localhost:4567/metadata/endpoints?api-version=2022-09-01",
    Response.json({ resourceManager: "https://localhost:4567/" }),
  );
  const cloud = { metadataHost: "localhost:4567", environment: "china" };
  expect(await resourceManagerUrl(cloud, get)).toBe("https://localhost:4567");
});

it.each([
  ["an unknown environment", { environment: "mars" }, noRequest, "use public, usgovernment or china"],
  [
    "a metadata host that fails",
    { metadataHost: "h" },
    answering("https://h/metadata/endpoints?api-version=2022-09-01", new Response("", { status: 500 })),
    "answered 500",
  ],
  [
    "metadata without a resource manager",
    { metadataHost: "h" },
    answering("https://h/metadata/endpoints?api-version=2022-09-01", Response.json({})),
    "names no resourceManager",
  ],
])("refuses %s", async (_, cloud, get, message) => {
  await expect(resourceManagerUrl(cloud, get)).rejects.toThrow(message);
});

it.each([
  [{}, { metadataHost: undefined, environment: undefined }],
  [{ AZURE_ENVIRONMENT: "china" }, { environment: "china" }],
  [{ ARM_ENVIRONMENT: "usgovernment", AZURE_ENVIRONMENT: "china" }, { environment: "usgovernment" }],
  [{ ARM_METADATA_HOSTNAME: "localhost:1" }, { metadataHost: "localhost:1" }],
])("reads the provider's environment variables %j", (env, expected) => {
  expect(configuredCloud(env)).toMatchObject(expected);
});

it.each([401, 403, 404, 409, 429])("a metadata host that answers %i is told in one line", async (status) => {
  const get: typeof fetch = async () => new Response("first\nsecond", { status });
  await expect(resourceManagerUrl({ metadataHost: "h" }, get)).rejects.toThrow(
    `https://h/metadata/endpoints?api-version=2022-09-01 answered ${status}: first second`,
  );
});

it("a metadata host that hangs up is told in one line", async () => {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  const get: typeof fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
  await expect(resourceManagerUrl({ metadataHost: "h" }, get)).rejects.toThrow(
    "https://h/metadata/endpoints?api-version=2022-09-01: read ECONNRESET",
  );
});
