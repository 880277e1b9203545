import { afterAll, beforeAll, expect, it } from "vitest";
import { authorization } from "../../../local/azure/authorization/provider.ts";
import { type LocalAzure, startLocalAzure, subscription } from "../local-azure.ts";

let local: LocalAzure;
beforeAll(async () => {
  local = await startLocalAzure({ providers: [authorization] });
});
afterAll(() => local.dispose());

const permissions = "providers/Microsoft.Authorization/permissions";

it("who has a token is an owner, of the subscription and of each group that is there", async () => {
  const owner = { value: [{ actions: ["*"], notActions: [], dataActions: [], notDataActions: [] }] };
  expect((await local.arm("GET", `${subscription}/${permissions}`)).json).toEqual(owner);
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
  expect((await local.arm("GET", `${subscription}/resourceGroups/rg/${permissions}`)).json).toEqual(owner);
  const none = await local.arm("GET", `${subscription}/resourceGroups/none/${permissions}`);
  expect(none).toMatchObject({ status: 404, json: { error: { code: "ResourceGroupNotFound" } } });
});

it("roles and their assignments are refused by name", async () => {
  const path = `${subscription}/providers/Microsoft.Authorization/roleAssignments`;
  const { status, json } = await local.arm("GET", path);
  expect({ status, code: json.error.code }).toEqual({ status: 404, code: "InvalidResourceType" });
  expect((await local.arm("PUT", `${subscription}/${permissions}`, {})).status).toBe(405);
});
