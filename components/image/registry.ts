import * as containerregistry from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";
import { programError } from "../arguments/errors";

export interface ScoringRegistryArgs {
  /** Name of the resource group to create the registry in. */
  resourceGroupName: pulumi.Input<string>;
  /** Name of the registry: 5 to 50 letters and digits, unique in all of Azure. */
  registryName: pulumi.Input<string>;
  /** @default no tags */
  tags?: pulumi.Input<Record<string, string>>;
}

/** User name and password of a registry's admin user. */
export interface RegistryCredentials {
  username: string;
  password: string;
}

/** A container registry with its admin user on, and the credentials of that user as Azure has them now. */
export class ScoringRegistry extends pulumi.ComponentResource {
  /** Host that images are pushed to and pulled from. */
  readonly loginServer: pulumi.Output<string>;
  /** Secret. Read anew on every run, so that a password regenerated elsewhere arrives with the next update. */
  readonly credentials: pulumi.Output<RegistryCredentials>;

  constructor(name: string, args: ScoringRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:registry:ScoringRegistry", name, {}, opts);

    const registry = new containerregistry.Registry(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        registryName: args.registryName,
        sku: { name: containerregistry.SkuName.Basic },
        adminUserEnabled: true,
        tags: args.tags ?? {},
      },
      { parent: this },
    );

    this.loginServer = registry.loginServer;
    this.credentials = adminCredentials(args.resourceGroupName, registry, this);
    this.registerOutputs({ loginServer: this.loginServer, credentials: this.credentials });
  }
}

function adminCredentials(
  resourceGroupName: pulumi.Input<string>,
  registry: containerregistry.Registry,
  parent: pulumi.Resource,
): pulumi.Output<RegistryCredentials> {
  // The login server is unknown in a preview that changes the registry, the name is not. Asking for both spares a preview
  // that is about to turn the admin user on from asking for credentials that do not exist yet.
  const registryName = pulumi.all([registry.name, registry.loginServer]).apply(([name]) => name);
  const listed = containerregistry.listRegistryCredentialsOutput(
    { resourceGroupName, registryName },
    { parent },
  );
  // Not secret by itself: pulumi/pulumi-azure-native#1693.
  return pulumi.secret(listed).apply(({ username, passwords }) => {
    const password = passwords?.[0]?.value;
    if (!username || !password) {
      throw programError("The container registry's admin user has no password: turn it on again", parent);
    }
    return { username, password };
  });
}
