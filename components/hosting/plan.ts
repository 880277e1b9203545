import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { calling, programError } from "../arguments/errors";
import { wholeNumber } from "../arguments/values";
import { generatedName, type NameRule, nameCheck } from "../azure/names";
import type { Placement } from "../azure/placement";
import { membersOf, type Relied } from "../azure/relied";
import { ask, find } from "../azure/resource-manager";
import { canonicalSku, checkInstanceCount } from "./skus";

/** The service's arguments for its plan. */
export interface PlanArgs {
  /**
   * 1 to 60 letters, digits and hyphens.
   * @default `asp-PROJECT-STACK`; with the name of a service that is not called `scoring`
   */
  planName?: pulumi.Input<string>;
  /** SKU of the plan, such as `B1`; any tier that runs a Linux container which is always on. */
  planSku: pulumi.Input<string>;
  /** Number of instances: at most 3 on Basic, 10 on Standard, 30 on Premium. */
  instanceCount: pulumi.Input<number>;
}

export const PLAN_NAME: NameRule = {
  abbreviation: "asp",
  maximum: 60,
  pattern: /^[A-Za-z0-9-]+$/,
  description: "1 to 60 letters, digits and hyphens",
  endpoint: false,
  separator: "-",
};

export const PLAN_CHECKS: Checks<PlanArgs> = {
  planName: nameCheck(PLAN_NAME),
  planSku: { check: canonicalSku },
  instanceCount: {
    check: wholeNumber(1, 100),
    against: ["planSku", (count: number, sku: string) => checkInstanceCount(sku, count)],
  },
};

export const PLAN_MEMBERS = {
  kind: ["linux", "it is a Windows plan"],
  reserved: [true, "it is a Windows plan, whatever its kind"],
  perSiteScaling: [false, "the app may run on fewer instances than instanceCount says"],
  elasticScaleEnabled: [false, "Azure decides how many instances there are"],
  zoneRedundant: [false, "Azure refuses an instanceCount of 1"],
} as const satisfies Relied;

/** A Linux App Service plan. */
export function linuxPlan(name: string, args: PlanArgs & Placement, parent: pulumi.Resource) {
  return new web.AppServicePlan(
    name,
    {
      ...membersOf(PLAN_MEMBERS),
      resourceGroupName: args.resourceGroupName,
      name: args.planName ?? generatedName(PLAN_NAME, args.names),
      sku: { name: args.planSku, capacity: args.instanceCount },
      tags: args.tags,
    },
    { parent, deleteBeforeReplace: false },
  );
}

type Answer = { properties: { serverFarmId?: string; webSpace?: string } };

/**
 * The plan's id, once it is sure that Azure lets the web app be on it: an app never leaves its webspace, which is a part of
 * a region that a resource group has got.
 */
export function planFor(webAppName: pulumi.Input<string>, plan: web.AppServicePlan, parent: pulumi.Resource) {
  return pulumi.all([plan.id, webAppName]).apply(async ([planId, name]) => {
    if (pulumi.runtime.isDryRun()) return planId;
    const failed = `Azure did not say whether web app ${name} can be on its plan`;
    const read = async (get: typeof find<Answer>, id: string) =>
      (await calling(failed, get(`${id}?api-version=2025-05-01`, parent), parent))?.properties;
    const site = await read(find, planId.replace(/serverfarms\/[^/]+$/i, `sites/${name}`));
    if (!site || site.serverFarmId?.toLowerCase() === planId.toLowerCase()) return planId;
    const webSpace = (await read(ask, planId))?.webSpace;
    if (webSpace === site.webSpace) return planId;
    const spaces = `webspace ${site.webSpace} to ${webSpace}, where it has put the new plan`;
    const remedy = "set webAppName anew too, or give planName a third name";
    throw programError(`Azure does not move the web app ${name} from ${spaces}: ${remedy}`, parent);
  });
}
