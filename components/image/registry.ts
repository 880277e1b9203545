import { listRegistryCredentials, Registry, SkuName } from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { calling, programError } from "../arguments/errors";
import { generatedName, type NameRule, nameCheck } from "../azure/names";
import type { Placement } from "../azure/placement";
import { membersOf, type Relied } from "../azure/relied";

export interface RegistryArgs {
  /**
   * Name of the registry: 5 to 50 letters and digits, unique in all of Azure.
   * @default `crPROJECTSTACK` and a random suffix; with the name of a service that is not called `scoring`
   */
  registryName?: pulumi.Input<string>;
}

export const REGISTRY_NAME: NameRule = {
  abbreviation: "cr",
  maximum: 50,
  pattern: /^[A-Za-z0-9]{5,}$/,
  description: "5 to 50 letters and digits",
  endpoint: true,
  separator: "",
};

export const REGISTRY_CHECKS: Checks<RegistryArgs> = { registryName: nameCheck(REGISTRY_NAME) };

export const REGISTRY_MEMBERS = {
  sku: [{ name: SkuName.Basic }, "the registry costs more"],
  adminUserEnabled: [true, "neither the build nor the web app can sign in"],
  anonymousPullEnabled: [false, "anybody can pull the image"],
  publicNetworkAccess: ["Enabled", "neither the build nor the web app reaches the registry"],
} as const satisfies Relied;

/** What pushing to a registry and pulling from it take. */
export interface RegistryAccess {
  loginServer: pulumi.Input<string>;
  credentials: pulumi.Input<{ username: string; password: string }>;
}

/** A container registry with its admin user on, and the credentials of that user as Azure has them now. */
export class ScoringRegistry extends pulumi.ComponentResource {
  readonly loginServer: pulumi.Output<string>;
  /** Secret. Read anew on every run, so that a password regenerated elsewhere arrives with the next update. */
  readonly credentials: pulumi.Output<{ username: string; password: string }>;

  constructor(name: string, args: RegistryArgs & Placement, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:registry:ScoringRegistry", name, {}, opts);
    const { resourceGroupName, names, suffix, tags } = args;

    const registry = new Registry(
      name,
      {
        ...membersOf(REGISTRY_MEMBERS),
        resourceGroupName,
        registryName: args.registryName ?? suffix.apply((hex) => generatedName(REGISTRY_NAME, names, hex)),
        tags,
      },
      { parent: this, deleteBeforeReplace: false },
    );

    this.loginServer = registry.loginServer;
    this.credentials = adminCredentials(resourceGroupName, registry, this);
    this.registerOutputs({ loginServer: this.loginServer, credentials: this.credentials });
  }
}

function adminCredentials(group: pulumi.Input<string>, registry: Registry, parent: pulumi.Resource) {
  // The login server is unknown in a preview that changes the registry, the name is not. Asking for both spares a preview
  // that is about to turn the admin user on from asking for credentials that do not exist yet.
  const listed = pulumi
    .all([group, registry.name, registry.loginServer])
    .apply(([resourceGroupName, registryName]) => {
      const call = listRegistryCredentials({ resourceGroupName, registryName }, { parent });
      return calling("The container registry's password could not be read", call, parent);
    });
  // Not secret by itself: pulumi/pulumi-azure-native#1693.
  return pulumi.secret(listed).apply(({ username, passwords }) => {
    const password = passwords?.[0]?.value;
    if (username && password) return { username, password };
    throw programError("The container registry's admin user has no password: turn it on again", parent);
  });
}
