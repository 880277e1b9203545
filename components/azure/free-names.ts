import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import { calling, programError } from "../arguments/errors";
import { ask, find } from "./resource-manager";

/** Arguments that are names which one resource can have in all of Azure. */
const TYPES = {
  registryName: { namespace: "Microsoft.ContainerRegistry", type: "registries", apiVersion: "2023-07-01" },
  webAppName: { namespace: "Microsoft.Web", type: "sites", apiVersion: "2025-05-01" },
};
type Argument = keyof typeof TYPES;

/**
 * The name of the group, known once it is sure that each name that is given is free, or has its resource in this very
 * group. So nothing is touched where a resource cannot be made before the old one, in another group, goes.
 */
export function groupOfFreeNames(
  group: pulumi.Input<string>,
  names: { [A in Argument]: pulumi.Input<string> | undefined },
  parent: pulumi.Resource,
): pulumi.Input<string> {
  if (Object.values(names).every((name) => name === undefined)) return group;
  return pulumi.all([group, names]).apply(async ([groupName, given]) => {
    const entries = Object.entries(given).filter(([, name]) => name !== undefined) as [Argument, string][];
    const fault = async ([argument, name]: [Argument, string]) => {
      const failed = `Azure did not say whether the ${argument} "${name}" is free`;
      const free = await calling(failed, isFree(argument, name, groupName, parent), parent);
      return free ? [] : [`${argument} "${name}"`];
    };
    const taken = (await Promise.all(entries.map(fault))).flat().join(" and ");
    if (!taken) return groupName;
    const why = `taken outside of resource group ${groupName}, and a name that all of Azure has once`;
    throw programError(`${taken}: ${why}; choose another, or leave it out`, parent);
  });
}

async function isFree(argument: Argument, name: string, group: string, parent: pulumi.Resource) {
  const { namespace, type, apiVersion } = TYPES[argument];
  const { subscriptionId } = await authorization.getClientConfig({ parent });
  const subscription = `/subscriptions/${subscriptionId}`;
  const own = `${subscription}/resourceGroups/${group}/providers/${namespace}/${type}/${name}`;
  const version = `?api-version=${apiVersion}`;
  if (await find(own + version, parent)) return true;
  const check = `${subscription}/providers/${namespace}/checkNameAvailability`;
  const body = { name, type: `${namespace}/${type}` };
  return (await ask<{ nameAvailable: boolean }>(check + version, parent, body)).nameAvailable;
}
