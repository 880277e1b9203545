import * as azure from "@pulumi/azure-native/config";
import type { ResourceGroup } from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import type { Checks, StringMap } from "../arguments/arguments";
import { programError } from "../arguments/errors";
import { stringMap } from "../arguments/values";
import { type NameRule, type NameSource, nameCheck } from "./names";

export interface PlacementArgs {
  /**
   * Name of the resource group: 1 to 90 letters, digits and _ - . ( ).
   * @default `rg-PROJECT-STACK`; with the name of a service that is not called `scoring`
   */
  resourceGroupName?: pulumi.Input<string>;
  /** Tags of the group and of every resource in it that takes tags; none by default. */
  tags?: StringMap;
}

export const RESOURCE_GROUP_NAME: NameRule = {
  abbreviation: "rg",
  maximum: 90,
  pattern: /^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$/,
  description: "1 to 90 letters, digits and _ - . ( ), not ending in a dot",
  separator: "-",
};

/** Azure's limits for tags. Source: "Use tags to organize your Azure resources". */
const TAGS = { count: 50, name: 512, value: 256, forbidden: /[<>%&\\?/]/ };

function tagFault(name: string, value: string): string | undefined {
  if (!name || name.length > TAGS.name || TAGS.forbidden.test(name)) {
    return `use 1 to ${TAGS.name} characters without < > % & \\ ? / in the name of a tag`;
  }
  return value.length > TAGS.value ? `use at most ${TAGS.value} characters` : undefined;
}

export const PLACEMENT_CHECKS: Checks<PlacementArgs> = {
  resourceGroupName: nameCheck(RESOURCE_GROUP_NAME),
  tags: { check: stringMap(tagFault, TAGS.count) },
};

/** What every resource of a service takes. */
export interface Placement {
  resourceGroupName: pulumi.Input<string>;
  /** What the names are generated from that are not given. */
  names: NameSource;
  /** Hexadecimal digits, which complete no reserved word: no other service, of whomever, has them in its names. */
  suffix: pulumi.Output<string>;
  tags: StringMap;
}

/** The group's name, once it is sure that the group is where azure-native:location says: the provider moves nothing. */
export function stayingName(group: ResourceGroup, parent: pulumi.Resource): pulumi.Output<string> {
  const { location } = azure;
  // A provider of the service's own has a location of its own.
  if (!location || parent.getProvider("azure-native:resources:ResourceGroup")) return group.name;
  const normal = (text: string) => text.toLowerCase().replaceAll(" ", "");
  return pulumi.all([group.name, group.location]).apply(([name, found]) => {
    if (normal(found) === normal(location)) return name;
    const fault = `azure-native:location is ${location}, and resource group ${name} is in ${found}`;
    const remedy = "set the location back, or set resourceGroupName anew to move everything";
    throw programError(`${fault}: ${remedy}`, parent);
  });
}
