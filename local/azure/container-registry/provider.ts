import { randomUUID } from "node:crypto";
import { serialQueue } from "../../system/serial-queue.ts";
import { groupId } from "../core/checks.ts";
import {
  ArmError,
  invalidRequestContent,
  invalidResourceLocation,
  resourceNotFound,
} from "../core/errors.ts";
import { requiredLocation } from "../core/locations.ts";
import { tagsOf } from "../core/tags.ts";
import type { ArmRequest, ArmResponse, ProviderContext, Resource, ResourceProvider } from "../core/types.ts";
import {
  listedCredentials,
  newPassword,
  type PasswordName,
  passwordNames,
  type Registry,
} from "./credentials.ts";
import { type HostOptions, RegistryHost } from "./host.ts";
import { invalidRegistryName, isValidName, nameAvailability, nameInUse, registryType } from "./naming.ts";
import { readProperties, readSku } from "./read.ts";
import { usages } from "./usage.ts";
import { renderRegistry } from "./view.ts";

const apiVersions = [
  "2025-11-01",
  "2025-04-01",
  "2023-11-01-preview",
  "2023-07-01",
  "2023-01-01-preview",
  "2022-12-01",
  "2021-09-01",
  "2019-05-01",
];

const inGroup =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ContainerRegistry";
const inSubscription = "/subscriptions/{subscriptionId}/providers/Microsoft.ContainerRegistry";
const one = `${inGroup}/registries/{registryName}`;

/** Microsoft.ContainerRegistry: registries, each a real OCI registry on a port of its own. */
export function containerRegistryProvider(context: ProviderContext, options: HostOptions): ResourceProvider {
  const registries = new Registries(context, new RegistryHost(context, options));
  return {
    namespace: "Microsoft.ContainerRegistry",
    resourceTypes: [{ resourceType: "registries", apiVersions }],
    routes: [
      {
        path: one,
        methods: {
          GET: (request) => registries.get(request),
          PUT: (request) => registries.put(request),
          PATCH: (request) => registries.patch(request),
          DELETE: (request) => registries.delete(request),
        },
      },
      { path: `${inGroup}/registries`, methods: { GET: (request) => registries.list(request) } },
      { path: `${inSubscription}/registries`, methods: { GET: (request) => registries.list(request) } },
      {
        path: `${inSubscription}/checkNameAvailability`,
        methods: { POST: (request) => registries.checkName(request) },
      },
      { path: `${one}/listCredentials`, methods: { POST: (request) => registries.listCredentials(request) } },
      { path: `${one}/listUsages`, methods: { GET: (request) => registries.usages(request) } },
      // There are none, since none can be made here.
      { path: `${one}/replications`, methods: { GET: (request) => registries.none(request) } },
      { path: `${one}/webhooks`, methods: { GET: (request) => registries.none(request) } },
      { path: `${one}/regenerateCredential`, methods: { POST: (request) => registries.regenerate(request) } },
    ],
    remove: (resource) => registries.remove(resource as Registry),
    start: () => registries.start(),
    stop: () => registries.stop(),
  };
}

class Registries {
  readonly #context: ProviderContext;
  readonly #host: RegistryHost;
  /** One write at a time: a name must not be given away twice. */
  readonly #serially = serialQueue();

  constructor(context: ProviderContext, host: RegistryHost) {
    this.#context = context;
    this.#host = host;
  }

  async start(): Promise<void> {
    for (const registry of this.#all()) await this.#bringUp(registry);
  }

  async stop(): Promise<void> {
    await this.#host.stopAll();
  }

  get(request: ArmRequest): ArmResponse {
    return { status: 200, body: renderRegistry(this.#existing(request), request.apiVersion) };
  }

  list({ parameters, apiVersion }: ArmRequest): ArmResponse {
    const group = parameters.resourceGroupName;
    const scope = group === undefined ? undefined : groupId(this.#context.subscriptionId, group);
    return {
      status: 200,
      body: { value: this.#all(scope).map((registry) => renderRegistry(registry, apiVersion)) },
    };
  }

  put(request: ArmRequest): Promise<ArmResponse> {
    return this.#serially(async () => {
      const { parameters, body, apiVersion, path } = request;
      const group = parameters.resourceGroupName!;
      const name = parameters.registryName!;
      if (!isValidName(name)) throw invalidRegistryName();
      const location = requiredLocation(body, registryType);
      const sku = readSku(body);
      const adminUserEnabled = readProperties(body) ?? false;
      const existing = this.#find(group, name);
      if (existing) {
        if (existing.location !== location) {
          throw invalidResourceLocation(existing.name, existing.location ?? "", group, location);
        }
        return this.#update({ ...existing, sku, tags: tagsOf(body) }, adminUserEnabled, apiVersion);
      }
      const owner = this.#all().find((other) => other.name.toLowerCase() === name.toLowerCase());
      if (owner) throw nameInUse(owner.properties.loginServer);
      const now = new Date().toISOString();
      const registry: Registry = {
        id: `${groupId(this.#context.subscriptionId, group)}/providers/${registryType}/${name}`,
        name,
        type: registryType,
        location,
        tags: tagsOf(body),
        sku,
        properties: {
          loginServer: await this.#host.loginServer(name),
          provisioningState: "Creating",
          adminUserEnabled,
          passwords: { password: newPassword(), password2: newPassword() },
          generation: randomUUID(),
          creationDate: now,
          lastModified: now,
        },
      };
      await this.#context.store.put(registry);
      const polls = path.replace(/^\/subscriptions\/[^/]+/i, "");
      const headers = this.#context.operations.start(
        "Azure-AsyncOperation",
        request,
        `${polls}/operationStatuses`,
        async () => {
          await this.#serially(() => this.#bringUp(registry));
          return undefined;
        },
      );
      return { status: 201, headers, body: renderRegistry(registry, apiVersion) };
    });
  }

  patch(request: ArmRequest): Promise<ArmResponse> {
    return this.#serially(async () => {
      const { body, apiVersion } = request;
      const existing = this.#existing(request);
      const { sku } = body as { sku?: unknown };
      const changed = {
        ...existing,
        sku: sku === undefined || sku === null ? existing.sku : readSku(body),
        tags: tagsOf(body) ?? existing.tags,
      };
      const adminUserEnabled = readProperties(body);
      return this.#update(changed, adminUserEnabled ?? existing.properties.adminUserEnabled, apiVersion);
    });
  }

  async delete({ parameters }: ArmRequest): Promise<ArmResponse> {
    const registry = this.#find(parameters.resourceGroupName!, parameters.registryName!);
    if (!registry) return { status: 204 };
    await this.remove(registry);
    return { status: 200 };
  }

  remove(registry: Registry): Promise<void> {
    return this.#serially(async () => {
      await this.#host.remove(registry);
      await this.#context.store.delete(registry.id);
    });
  }

  checkName({ body }: ArmRequest): ArmResponse {
    const { name, type } = (body ?? {}) as { name?: unknown; type?: unknown };
    if (typeof name !== "string") throw invalidRequestContent("The property 'name' is missing");
    if (typeof type !== "string" || type.toLowerCase() !== registryType.toLowerCase()) {
      throw invalidRequestContent(`The property 'type' is not '${registryType}'`);
    }
    const taken = this.#all().some((registry) => registry.name.toLowerCase() === name.toLowerCase());
    return { status: 200, body: nameAvailability(name, taken) };
  }

  listCredentials(request: ArmRequest): ArmResponse {
    return { status: 200, body: listedCredentials(this.#withAdminUser(request)) };
  }

  async usages(request: ArmRequest): Promise<ArmResponse> {
    const { name, sku } = this.#existing(request);
    return { status: 200, body: { value: usages(String(sku?.name), await this.#host.size(name)) } };
  }

  none(request: ArmRequest): ArmResponse {
    this.#existing(request);
    return { status: 200, body: { value: [] } };
  }

  regenerate(request: ArmRequest): Promise<ArmResponse> {
    return this.#serially(async () => {
      const registry = this.#withAdminUser(request);
      const given = (request.body as { name?: unknown } | undefined)?.name;
      const name = passwordNames.find((known) => known === given);
      if (!name) throw invalidRequestContent(`The property 'name' is not one of ${passwordNames.join(", ")}`);
      const passwords: Record<PasswordName, string> = {
        ...registry.properties.passwords,
        [name]: newPassword(),
      };
      const changed = { ...registry, properties: { ...registry.properties, passwords } };
      await this.#context.store.put(changed);
      return { status: 200, body: listedCredentials(changed) };
    });
  }

  async #update(registry: Registry, adminUserEnabled: boolean, apiVersion: string): Promise<ArmResponse> {
    const lastModified = new Date().toISOString();
    const changed = { ...registry, properties: { ...registry.properties, adminUserEnabled, lastModified } };
    await this.#context.store.put(changed);
    if (changed.properties.provisioningState === "Failed") await this.#bringUp(changed);
    return { status: 200, body: renderRegistry(this.#context.store.get(changed.id) as Registry, apiVersion) };
  }

  /** Starts what is not running, and writes down how it went. */
  async #bringUp({ id }: Registry): Promise<void> {
    const { store } = this.#context;
    const registry = store.get(id) as Registry | undefined;
    // Deleted before its creation was through.
    if (!registry) return;
    const settle = (provisioningState: "Succeeded" | "Failed") =>
      store.put({ ...registry, properties: { ...registry.properties, provisioningState } });
    try {
      await this.#host.start(registry);
    } catch (error) {
      await settle("Failed");
      throw error;
    }
    if (registry.properties.provisioningState !== "Succeeded") await settle("Succeeded");
  }

  #withAdminUser(request: ArmRequest): Registry {
    const registry = this.#existing(request);
    if (registry.properties.adminUserEnabled) return registry;
    throw new ArmError(
      400,
      "UnAuthorizedForCredentialOperations",
      `Cannot perform credential operations for ${registry.id} as admin user is disabled. Kindly enable admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account`,
    );
  }

  #existing({ parameters }: ArmRequest): Registry {
    const group = parameters.resourceGroupName!;
    const name = parameters.registryName!;
    const registry = this.#find(group, name);
    if (!registry) throw resourceNotFound(registryType, name, group);
    return registry;
  }

  #find(group: string, name: string): Registry | undefined {
    const id = `${groupId(this.#context.subscriptionId, group)}/providers/${registryType}/${name}`;
    return this.#context.store.get(id) as Registry | undefined;
  }

  #all(scope?: string): Registry[] {
    return this.#context.store.list(registryType, scope) as (Resource & Registry)[];
  }
}
