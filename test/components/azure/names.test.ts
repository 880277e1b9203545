import { describe, expect, it } from "vitest";
import { generatedName, nameCheck } from "../../../components/azure/names.ts";
import { RESOURCE_GROUP_NAME } from "../../../components/azure/resource-group.ts";
import { PLAN_NAME } from "../../../components/hosting/plan.ts";
import { WEB_APP_NAME } from "../../../components/hosting/web-app.ts";
import { REGISTRY_NAME } from "../../../components/image/registry.ts";

const SUFFIX = "1a2b3c4d";
const RULES = {
  resourceGroup: RESOURCE_GROUP_NAME,
  plan: PLAN_NAME,
  registry: REGISTRY_NAME,
  webApp: WEB_APP_NAME,
};
type NamedResource = keyof typeof RULES;
const USES: [NamedResource, string?][] = [
  ["resourceGroup"],
  ["plan"],
  ["registry", SUFFIX],
  ["webApp", SUFFIX],
];

describe("generated names", () => {
  it.each([
    ["resourceGroup", undefined, "rg-shop-dev"],
    ["plan", undefined, "asp-shop-dev"],
    ["registry", SUFFIX, "crshopdev1a2b3c4d"],
    ["webApp", SUFFIX, "app-shop-dev-1a2b3c4d"],
  ] as const)("of a %s start with Azure's abbreviation", (resource, suffix, expected) => {
    expect(generatedName(RULES[resource], { project: "shop", stack: "dev" }, suffix)).toBe(expected);
  });

  it.each([
    ["azure-ml-scoring", "dev"],
    ["Shop_2.0", "dev.eu"],
    ["___", "..."],
    ["1", "2"],
    ["-a-", "-b-"],
    ["p".repeat(100), "s".repeat(100)],
    ["my-windows", "MICROSOFT"],
    ["micromicrosoftsoft", "win-dows"],
    ["login", "login"],
  ])("are valid for project %s and stack %s", (project, stack) => {
    for (const [resource, suffix] of USES) {
      const name = generatedName(RULES[resource], { project, stack }, suffix);
      expect(() => nameCheck(RULES[resource]).check(name), name).not.toThrow();
    }
  });

  it.each([
    ["azure-ml-scoring", "dev", "eu"],
    ["shop", "dev", "micro-soft.Windows!"],
    ["p".repeat(100), "s", "s".repeat(100)],
  ])("are valid for project %s, stack %s and a further service %s", (project, stack, service) => {
    for (const [resource, suffix] of USES) {
      const name = generatedName(RULES[resource], { project, stack, service }, suffix);
      expect(() => nameCheck(RULES[resource]).check(name), name).not.toThrow();
    }
  });

  it.each(["resourceGroup", "plan", "registry", "webApp"] as const)(
    "of a %s differ for the services of a stack, and from those of a stack called like stack and service",
    (resource) => {
      const source = { project: "p".repeat(60), stack: "dev" };
      const names = [
        source,
        { ...source, service: "eu" },
        { ...source, service: "Eu" },
        { ...source, service: "e-u" },
        { ...source, stack: "dev-eu" },
        { project: "shop", stack: "dev", service: "eu" },
        { project: "shop", stack: "dev-eu" },
        { project: "shop-dev", stack: "eu" },
      ].map((from) => generatedName(RULES[resource], from));
      // The last two are one name today: a project and a stack may be called as one likes.
      expect(new Set(names).size).toBe(names.length - 1);
    },
  );

  it.each([
    ["cut to fit", "p".repeat(100), "dev", "p".repeat(100), "prod"],
    ["cleaned of characters", "shop", "dev.eu", "shop", "dev-eu"],
    ["put in lower case", "shop", "Dev", "shop", "dev"],
    ["freed of reserved words", "windows", "dev", "w", "dev"],
  ])("differ for stacks that look the same when %s", (_, project, stack, otherProject, otherStack) => {
    const name = generatedName(WEB_APP_NAME, { project, stack });
    expect(name).not.toBe(generatedName(WEB_APP_NAME, { project: otherProject, stack: otherStack }));
  });
});

describe("given names", () => {
  it.each([
    ["resourceGroup", "My_group.(1)"],
    ["resourceGroup", "g".repeat(90)],
    ["plan", "plan-1"],
    ["registry", "Abc12"],
    ["webApp", "a1"],
    ["webApp", "my-login"],
  ] as const)("of a %s may be %s", (resource, name) => {
    expect(() => nameCheck(RULES[resource]).check(name)).not.toThrow();
  });

  it.each([
    ["resourceGroup", "group.", "not ending in a dot"],
    ["resourceGroup", "g".repeat(91), "1 to 90"],
    ["plan", "plan_1", "letters, digits and hyphens"],
    ["registry", "my-registry", "5 to 50 letters and digits"],
    ["registry", "abcd", "5 to 50"],
    ["registry", "r".repeat(51), "5 to 50"],
    ["webApp", "a", "2 to 60"],
    ["webApp", "-app", "no hyphen at either end"],
    ["webApp", "app-", "no hyphen at either end"],
    ["webApp", "a".repeat(61), "2 to 60"],
    ["webApp", "for-Windows", "reserves"],
    ["registry", "loginregistry", "reserves"],
  ] as const)("of a %s must not be %s", (resource, name, remedy) => {
    expect(() => nameCheck(RULES[resource]).check(name)).toThrow(remedy);
  });
});
