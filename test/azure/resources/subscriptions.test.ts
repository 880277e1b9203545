import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalAzure, startLocalAzure, subscription, subscriptionId, tenantId } from "../local-azure.ts";

let local: LocalAzure;
beforeAll(async () => {
  local = await startLocalAzure();
});
afterAll(() => local.dispose());

describe("the subscription", () => {
  it("is listed and shown, enabled", async () => {
    const expected = { id: subscription, subscriptionId, tenantId, state: "Enabled" };
    expect((await local.arm("GET", "/subscriptions")).json.value).toMatchObject([expected]);
    expect((await local.arm("GET", subscription)).json).toMatchObject(expected);
  });

  it("has the one tenant", async () => {
    expect((await local.arm("GET", "/tenants")).json.value).toMatchObject([
      { tenantId, id: `/tenants/${tenantId}` },
    ]);
  });

  it("has locations with display names", async () => {
    const { value } = (await local.arm("GET", `${subscription}/locations`)).json;
    expect(value).toContainEqual(expect.objectContaining({ name: "westeurope", displayName: "West Europe" }));
  });
});

describe("resource providers", () => {
  const path = `${subscription}/providers/Microsoft.ContainerRegistry`;

  it("are registered, with their types and versions", async () => {
    expect((await local.arm("GET", path)).json).toMatchObject({
      namespace: "Microsoft.ContainerRegistry",
      registrationState: "Registered",
      resourceTypes: [
        { resourceType: "registries", apiVersions: expect.arrayContaining(["2023-01-01-preview"]) },
      ],
    });
  });

  it("answer register with the same", async () => {
    const answer = await local.arm("POST", `${path}/register`);
    expect([answer.status, answer.json.registrationState]).toEqual([200, "Registered"]);
  });

  it("are listed", async () => {
    const { value } = (await local.arm("GET", `${subscription}/providers`)).json;
    expect(value.map(({ namespace }: { namespace: string }) => namespace)).toEqual([
      "Microsoft.ContainerRegistry",
      "Microsoft.Resources",
    ]);
  });

  it("that are not emulated are refused by name", async () => {
    const answer = await local.arm("POST", `${subscription}/providers/Microsoft.Sql/register`);
    expect([answer.status, answer.json.error]).toEqual([
      404,
      { code: "InvalidResourceNamespace", message: "The resource namespace 'Microsoft.Sql' is invalid." },
    ]);
  });
});
