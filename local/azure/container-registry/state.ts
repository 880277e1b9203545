import { cleanedUp } from "../../system/clean-up.mjs";
import type { Serially } from "../../system/serial-queue.ts";
import { groupId } from "../core/checks.ts";
import { ArmError, resourceNotFound } from "../core/errors.ts";
import type { ProviderContext } from "../core/provider.ts";
import { equalsIgnoringCase } from "../core/text.ts";
import type { ArmRequest } from "../core/types.ts";
import { type Registry, registryType } from "./model.ts";
import type { RegistryHost } from "./runtime/host.ts";

/** The stored registries, and the one way by which a stored one comes to run. */
export class Registries {
  readonly context: ProviderContext;
  readonly host: RegistryHost;
  /** Runs work as a write. */
  readonly serially: Serially;

  constructor(context: ProviderContext, host: RegistryHost, serially: Serially) {
    this.context = context;
    this.host = host;
    this.serially = serially;
  }

  /** The id that the request's registry has or would have. */
  idOf({ parameters }: ArmRequest): string {
    const group = groupId(this.context.subscriptionId, parameters.resourceGroupName!);
    return `${group}/providers/${registryType}/${parameters.registryName}`;
  }

  find(request: ArmRequest): Registry | undefined {
    return this.context.store.get(this.idOf(request)) as Registry | undefined;
  }

  /** @throws ArmError 404 when there is none of the request's name. */
  existing(request: ArmRequest): Registry {
    const registry = this.find(request);
    const { registryName, resourceGroupName } = request.parameters;
    if (!registry) throw resourceNotFound(registryType, registryName!, resourceGroupName!);
    return registry;
  }

  /** @throws ArmError 400 when the registry's admin user is off. */
  withAdminUser(request: ArmRequest): Registry {
    const registry = this.existing(request);
    if (registry.properties.adminUserEnabled) return registry;
    const message = `Cannot perform credential operations for ${registry.id} as admin user is disabled. Kindly enable admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account`;
    throw new ArmError(400, "UnAuthorizedForCredentialOperations", message);
  }

  /** @param scope - a subscription's or a group's id; all where none is given. */
  all(scope?: string): Registry[] {
    return this.context.store.list(registryType, scope) as Registry[];
  }

  /** Names are unique in all of Azure. */
  ownerOf(name: string): Registry | undefined {
    return this.all().find((registry) => equalsIgnoringCase(registry.name, name));
  }

  /** Starts what is not running, and writes down how it went. */
  async bringUp({ id }: Registry): Promise<void> {
    const { store } = this.context;
    const registry = store.get(id) as Registry | undefined;
    // Deleted before its creation was through.
    if (!registry) return;
    const settle = (provisioningState: "Succeeded" | "Failed") =>
      store.put({ ...registry, properties: { ...registry.properties, provisioningState } });
    try {
      await this.host.start(registry);
    } catch (error) {
      throw await cleanedUp(error, () => settle("Failed"));
    }
    if (registry.properties.provisioningState !== "Succeeded") await settle("Succeeded");
  }

  async remove(registry: Registry): Promise<void> {
    await this.host.remove(registry);
    await this.context.store.delete(registry.id);
  }
}
