import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import { calling, programError } from "../arguments/errors";
import { ask, find } from "./resource-manager";

/** Arguments that are names of resources, and whether all of Azure has such a name once. */
const TYPES = {
  registryName: { type: "Microsoft.ContainerRegistry/registries", version: "2023-07-01", once: true },
  planName: { type: "Microsoft.Web/serverfarms", version: "2025-05-01", once: false },
  webAppName: { type: "Microsoft.Web/sites", version: "2025-05-01", once: true },
};
type Argument = keyof typeof TYPES;

/**
 * The name of the group, known once it is sure that each name that is given is free, or has its resource in this very
 * group in this very spelling: another one is another name to Pulumi, and the same to Azure. So nothing is touched where a
 * resource cannot be made before the old one goes.
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
      const what = `${argument} "${name}"`;
      const call = spelling(argument, name, groupName, parent);
      const found = await calling(`Azure did not say whether the ${what} is free`, call, parent);
      if (!found || found === name) return found ? [] : [what];
      throw programError(`${what} is deployed as "${found}", the same name to Azure: write it so`, parent);
    };
    const taken = (await Promise.all(entries.map(fault))).flat().join(" and ");
    if (!taken) return groupName;
    const why = `taken outside of resource group ${groupName}, and a name that all of Azure has once`;
    throw programError(`${taken}: ${why}; choose another, or leave it out`, parent);
  });
}

/** How the name is spelled where it is deployed, itself where it is free, and undefined where others have it. */
async function spelling(argument: Argument, name: string, group: string, parent: pulumi.Resource) {
  const { type, version, once } = TYPES[argument];
  const { subscriptionId } = await authorization.getClientConfig({ parent });
  const path = (rest: string) => `/subscriptions/${subscriptionId}/${rest}?api-version=${version}`;
  const own = path(`resourceGroups/${group}/providers/${type}/${name}`);
  const found = await find<{ name?: string }>(own, parent);
  if (found || !once) return found?.name ?? name;
  const check = path(`providers/${type.split("/")[0]}/checkNameAvailability`);
  const { nameAvailable } = await ask<{ nameAvailable: boolean }>(check, parent, { name, type });
  return nameAvailable ? name : undefined;
}
