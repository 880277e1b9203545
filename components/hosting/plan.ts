import * as web from "@pulumi/azure-native/web";
import type * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { wholeNumber } from "../arguments/values";
import { generatedName, type NameRule, nameCheck } from "../azure/names";
import type { Placement } from "../azure/placement";
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
  minimum: 1,
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

/** A Linux App Service plan. */
export function linuxPlan(
  name: string,
  args: PlanArgs & Placement,
  parent: pulumi.Resource,
): web.AppServicePlan {
  return new web.AppServicePlan(
    name,
    {
      resourceGroupName: args.resourceGroupName,
      name: args.planName ?? generatedName(PLAN_NAME, args.names),
      kind: "linux",
      reserved: true, // without it Azure makes a Windows plan of any kind
      sku: { name: args.planSku, capacity: args.instanceCount },
      tags: args.tags,
    },
    { parent },
  );
}
