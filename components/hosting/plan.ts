import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { calling, programError } from "../arguments/errors";
import { wholeNumber } from "../arguments/values";
import { generatedName, type NameRule, nameCheck } from "../azure/names";
import type { Placement } from "../azure/placement";
import { membersOf, type Relied } from "../azure/relied";
import { ask } from "../azure/resource-manager";
import { canonicalSku, checkInstanceCount } from "./skus";

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
  separator: "-",
};

export const PLAN_CHECKS: Checks<PlanArgs> = {
  planName: nameCheck(PLAN_NAME),
  planSku: { check: canonicalSku },
  instanceCount: {
    check: wholeNumber(1, 30), // as the largest tier
    against: [["planSku"], (count, { planSku }) => planSku && checkInstanceCount(planSku, count)],
  },
};

export const PLAN_MEMBERS = {
  kind: ["linux", "it is a Windows plan"],
  reserved: [true, "it is a Windows plan, whatever its kind"],
  perSiteScaling: [false, "the app may run on fewer instances than instanceCount says"],
  elasticScaleEnabled: [false, "Azure decides how many instances there are"],
  zoneRedundant: [false, "Azure refuses an instanceCount of 1"],
} as const satisfies Relied;

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

/**
 * The plan's id, once it is sure that Azure lets the web app be on it: an app never leaves its webspace, which is a part of
 * a region that a resource group has got.
 */
export function planFor(webAppName: pulumi.Input<string>, plan: web.AppServicePlan, parent: pulumi.Resource) {
  return pulumi.all([plan.id, webAppName]).apply(async ([planId, name]) => {
    if (pulumi.runtime.isDryRun()) return planId;
    const failed = `Azure did not say whether web app ${name} can be on its plan`;
    const [, , , , resourceGroupName = ""] = planId.split("/");
    const found = web.getWebApp({ resourceGroupName, name }, { parent }).catch((error: Error) => {
      if (!error.message.includes("Status=404")) throw error;
    });
    const site = await calling(failed, found, parent);
    if (!site || site.serverFarmId?.toLowerCase() === planId.toLowerCase()) return planId;
    // The SDK leaves the webspace out of what it reads.
    const read = (id = "") =>
      ask<{ properties: { webSpace: string } }>(`${id}?api-version=2025-05-01`, parent);
    const both = await calling(failed, Promise.all([site.id, planId].map(read)), parent);
    const [from, to] = both.map(({ properties }) => properties.webSpace);
    if (from === to) return planId;
    const spaces = `webspace ${from} to ${to}, where it has put the new plan`;
    const remedy = "set webAppName anew too, or give planName a third name";
    throw programError(`Azure does not move the web app ${name} from ${spaces}: ${remedy}`, parent);
  });
}
