import { beforeEach, describe, expect, it } from "vitest";
import { armErrorOf, location, webApps } from "./web-apps.ts";

const web = webApps();
beforeEach(() => web.putPlan());

describe("what local Azure does not do is refused, and nothing is made", () => {
  const refusal = (path: string) => [
    400,
    "NotSupported",
    expect.stringMatching(new RegExp(`^Local Azure does not emulate '${path}': .+\\.$`)),
  ];

  it("in the properties of a site", async () => {
    const answer = await web.putSite({ clientCertEnabled: true });
    expect(armErrorOf(answer)).toEqual(refusal("properties.clientCertEnabled"));
    expect((await web.onSite("GET", "")).status).toBe(404);
  });

  it("in siteConfig, in the site and in config/web", async () => {
    const given = { acrUseManagedIdentityCreds: true };
    const answer = await web.putSite({ siteConfig: given });
    expect(armErrorOf(answer)).toEqual(refusal("properties.siteConfig.acrUseManagedIdentityCreds"));
    await web.putSite();
    const patched = await web.onSite("PATCH", "/config/web", { properties: given });
    expect(armErrorOf(patched)).toEqual(refusal("properties.acrUseManagedIdentityCreds"));
  });

  it("in the properties of a plan", async () => {
    const answer = await web.putPlan({ name: "B1" }, { reserved: true, zoneRedundant: true });
    expect(armErrorOf(answer)).toEqual(refusal("properties.zoneRedundant"));
  });

  it("managed identities, on sites and plans", async () => {
    const identity = { type: "SystemAssigned" };
    expect(armErrorOf(await web.putSite({}, { identity }))).toEqual(refusal("identity"));
    await web.putSite();
    expect(armErrorOf(await web.onSite("PATCH", "", { identity }))).toEqual(refusal("identity"));
    const plan = await web.arm("PUT", web.planId, {
      location,
      identity,
      sku: { name: "B1" },
      properties: {},
    });
    expect(armErrorOf(plan)).toEqual(refusal("identity"));
  });
});

it.each(["zones", "plan", "managedBy", "etag", "constructor", "toString"])(
  "beside the properties of a site, '%s' is refused",
  async (name) => {
    expect(armErrorOf(await web.putSite({}, { [name]: null }))[2]).toContain(`does not know '${name}'`);
  },
);

it.each([
  { clientCertEnabled: false, virtualNetworkSubnetId: null, hostNameSslStates: [] },
  { publicNetworkAccess: "Enabled", redundancyMode: "None", ipMode: "IPv4" },
  { outboundVnetRouting: { allTraffic: false, imagePullTraffic: null } },
  {
    siteConfig: { numberOfWorkers: 1, scmType: "None", ftpsState: "Disabled", cors: { allowedOrigins: [] } },
  },
  {
    siteConfig: {
      ipSecurityRestrictions: [{ ipAddress: "Any", action: "Allow", priority: 1, name: "Allow all" }],
    },
  },
  {
    siteConfig: { experiments: { rampUpRules: [] }, limits: null, localMySqlEnabled: false, phpVersion: "" },
  },
  // azure-native's own default.
  { siteConfig: { netFrameworkVersion: "v4.6" } },
])("values that ask for nothing are taken: %j", async (properties) => {
  expect((await web.putSite(properties)).status).toBe(200);
});

it.each([
  [{ ClientCertEnabled: true }, {}],
  [{ siteConfig: { ACRUSEMANAGEDIDENTITYCREDS: true } }, {}],
  [{}, { Identity: { Type: "SystemAssigned" } }],
  [{}, { kind: { toString: 1 } }],
])("in any case: %j %j", async (properties, envelope) => {
  expect(armErrorOf(await web.putSite(properties, envelope))[1]).toBe("NotSupported");
});

it("all that config/web shows is taken back", async () => {
  await web.putSite();
  const { properties } = (await web.onSite("GET", "/config/web")).json;
  expect((await web.onSite("PUT", "/config/web", { properties })).status).toBe(200);
});

it.each([
  { hostNameSslStates: [{ name: "www.example.com", sslState: "SniEnabled", thumbprint: "00" }] },
  { hostNameSslStates: [{ name: "www.example.com", sslState: "Disabled" }] },
  { siteConfig: { ipSecurityRestrictions: [{ ipAddress: "10.0.0.0/8", action: "Allow" }] } },
  { siteConfig: { ipSecurityRestrictions: [{ ipAddress: "Any", action: "Deny" }] } },
  { siteConfig: { cors: { allowedOrigins: ["*"] } } },
  { siteConfig: { experiments: { rampUpRules: [{ name: "staging" }] } } },
  { siteConfig: { virtualApplications: [{ virtualPath: "/v2", physicalPath: "site\\v2" }] } },
  { siteConfig: { netFrameworkVersion: "v8.0" } },
])("values that ask for something are not: %j", async (properties) => {
  expect(armErrorOf(await web.putSite(properties))[1]).toBe("NotSupported");
});
