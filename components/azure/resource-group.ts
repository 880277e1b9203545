import type * as pulumi from "@pulumi/pulumi";
import { type NameRule, nameCheck } from "./names";
import { tagsCheck } from "./tags";

export interface ResourceGroupArgs {
  /**
   * Name of the resource group: 1 to 90 letters, digits and _ - . ( ).
   * @default `rg-PROJECT-STACK`, as {@link generatedName} makes it
   */
  resourceGroupName?: pulumi.Input<string>;
  /**
   * Tags of the group and of every resource in it that takes tags.
   * @default no tags
   */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

export const RESOURCE_GROUP_NAME: NameRule = {
  abbreviation: "rg",
  minimum: 1,
  maximum: 90,
  pattern: /^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$/,
  description: "1 to 90 letters, digits and _ - . ( ), not ending in a dot",
  endpoint: false,
  separator: "-",
};

export const RESOURCE_GROUP_CHECKS = { resourceGroupName: nameCheck(RESOURCE_GROUP_NAME), tags: tagsCheck };
