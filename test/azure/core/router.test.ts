import { expect, it } from "vitest";
import type { ResourceProvider, Route } from "../../../local/azure/core/provider.ts";
import { Router } from "../../../local/azure/core/router.ts";

const subscription = "/subscriptions/s";
const group = `${subscription}/resourceGroups/g`;
const site = `${group}/providers/Microsoft.Web/sites/a`;

function router(...routes: Omit<Route, "methods">[]): Router {
  return new Router([{ routes } as unknown as ResourceProvider]);
}

it.each([
  ["a subscription", subscription],
  ["a group", group],
  ["a resource", site],
  ["a child resource", `${site}/slots/b`],
])("{scope} stands for %s", (_, scope) => {
  const locks = router({ path: "/{scope}/providers/Microsoft.Authorization/locks/{name}" });
  const match = locks.match(`${scope}/providers/Microsoft.Authorization/locks/l`);
  expect(match?.parameters).toEqual({ scope, name: "l" });
});

it.each([
  ["nothing", ""],
  ["no subscription", "/tenants/t"],
  ["a type without a name", `${group}/providers/Microsoft.Web/sites`],
  ["an unfinished group", `${subscription}/resourceGroups`],
])("{scope} does not stand for %s", (_, scope) => {
  const locks = router({ path: "/{scope}/providers/Microsoft.Authorization/locks/{name}" });
  expect(locks.match(`${scope}/providers/Microsoft.Authorization/locks/l`)).toBeUndefined();
});

it("a route says which scopes it takes", () => {
  const lists = router({ path: "{scope}/providers/Microsoft.Web/sites", scopes: ["subscription", "group"] });
  const list = (scope: string) => lists.match(`${scope}/providers/Microsoft.Web/sites`)?.parameters;
  expect(list(subscription)).toEqual({ scope: subscription });
  expect(list(group)).toEqual({ scope: group });
  expect(list(site)).toBeUndefined();
});

it("literal segments win over placeholders, and both over {scope}", () => {
  const all = router(
    { path: "/{scope}/providers/A/b" },
    { path: "/subscriptions/{subscriptionId}/providers/{namespace}/b" },
    { path: "/subscriptions/{subscriptionId}/providers/A/b" },
  );
  expect(all.match("/subscriptions/s/providers/a/B")?.route.path).toBe(
    "/subscriptions/{subscriptionId}/providers/A/b",
  );
  expect(all.match("/subscriptions/s/providers/C/b")?.parameters).toEqual({
    subscriptionId: "s",
    namespace: "C",
  });
  expect(all.match(`${group}/providers/A/b`)?.parameters).toEqual({ scope: group });
});
