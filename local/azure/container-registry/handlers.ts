import { randomUUID } from "node:crypto";
import { checkLocation, invalidRequestContent } from "../core/errors.ts";
import { checkPatchedLocation, requiredLocation } from "../core/locations.ts";
import { ok } from "../core/ok.ts";
import type { Begun } from "../core/provider.ts";
import { tagsOf } from "../core/tags.ts";
import type { ArmRequest, ArmResponse } from "../core/types.ts";
import { type PasswordName, passwordNames, type Registry, registryType } from "./model.ts";
import { invalidRegistryName, isValidName, nameAvailability, nameInUse } from "./naming.ts";
import { listedCredentials, newPassword } from "./passwords.ts";
import { readProperties, readSku } from "./read.ts";
import { usages } from "./runtime/usage.ts";
import type { Registries } from "./state.ts";
import { renderRegistry } from "./view.ts";

export function get(registries: Registries, request: ArmRequest): ArmResponse {
  return ok(renderRegistry(registries.existing(request), request.apiVersion));
}

export function list(registries: Registries, { parameters, apiVersion }: ArmRequest): ArmResponse {
  const value = registries.all(parameters.scope).map((registry) => renderRegistry(registry, apiVersion));
  return ok({ value });
}

/** Creates, which goes on until the registry answers, or replaces. */
export async function beginPut(registries: Registries, request: ArmRequest): Promise<Begun> {
  const { parameters, body, apiVersion } = request;
  const name = parameters.registryName!;
  if (!isValidName(name)) throw invalidRegistryName();
  const location = requiredLocation(body, registryType);
  const sku = readSku(body);
  const adminUserEnabled = readProperties(body) ?? false;
  const existing = registries.find(request);
  if (existing) {
    checkLocation(existing, location);
    return update(registries, { ...existing, sku, tags: tagsOf(body) }, adminUserEnabled, apiVersion);
  }
  const owner = registries.ownerOf(name);
  if (owner) throw nameInUse(owner.properties.loginServer);
  const now = new Date().toISOString();
  const registry: Registry = {
    id: registries.idOf(request),
    name,
    type: registryType,
    location,
    tags: tagsOf(body),
    sku,
    properties: {
      loginServer: await registries.host.loginServer(name),
      provisioningState: "Creating",
      adminUserEnabled,
      passwords: { password: newPassword(), password2: newPassword() },
      generation: randomUUID(),
      creationDate: now,
      lastModified: now,
    },
  };
  await registries.context.store.put(registry);
  return {
    status: 201,
    body: renderRegistry(registry, apiVersion),
    work: async () => {
      await registries.serially(() => registries.bringUp(registry));
      return undefined;
    },
  };
}

/** Merges. */
export async function patch(registries: Registries, request: ArmRequest): Promise<ArmResponse> {
  const { body, apiVersion } = request;
  const existing = registries.existing(request);
  checkPatchedLocation(existing, body);
  const { sku } = body as { sku?: unknown };
  const changed = {
    ...existing,
    sku: sku === undefined || sku === null ? existing.sku : readSku(body),
    tags: tagsOf(body) ?? existing.tags,
  };
  const adminUserEnabled = readProperties(body);
  return update(registries, changed, adminUserEnabled ?? existing.properties.adminUserEnabled, apiVersion);
}

async function update(
  registries: Registries,
  registry: Registry,
  adminUserEnabled: boolean,
  apiVersion: string,
): Promise<ArmResponse> {
  const { store } = registries.context;
  const lastModified = new Date().toISOString();
  const changed = { ...registry, properties: { ...registry.properties, adminUserEnabled, lastModified } };
  await store.put(changed);
  if (changed.properties.provisioningState === "Failed") await registries.bringUp(changed);
  return ok(renderRegistry(store.get(changed.id) as Registry, apiVersion));
}

export async function remove(registries: Registries, request: ArmRequest): Promise<ArmResponse> {
  const registry = registries.find(request);
  if (!registry) return { status: 204 };
  await registries.remove(registry);
  return { status: 200 };
}

export function checkName(registries: Registries, { body }: ArmRequest): ArmResponse {
  const { name, type } = (body ?? {}) as { name?: unknown; type?: unknown };
  if (typeof name !== "string") throw invalidRequestContent("The property 'name' is missing");
  if (typeof type !== "string" || type.toLowerCase() !== registryType.toLowerCase()) {
    throw invalidRequestContent(`The property 'type' is not '${registryType}'`);
  }
  return ok(nameAvailability(name, registries.ownerOf(name) !== undefined));
}

export function listCredentials(registries: Registries, request: ArmRequest): ArmResponse {
  return ok(listedCredentials(registries.withAdminUser(request)));
}

export async function regenerateCredential(
  registries: Registries,
  request: ArmRequest,
): Promise<ArmResponse> {
  const registry = registries.withAdminUser(request);
  const given = (request.body as { name?: unknown } | undefined)?.name;
  const name = passwordNames.find((known) => known === given);
  if (!name) throw invalidRequestContent(`The property 'name' is not one of ${passwordNames.join(", ")}`);
  const passwords: Record<PasswordName, string> = {
    ...registry.properties.passwords,
    [name]: newPassword(),
  };
  const changed = { ...registry, properties: { ...registry.properties, passwords } };
  await registries.context.store.put(changed);
  return ok(listedCredentials(changed));
}

export async function listUsages(registries: Registries, request: ArmRequest): Promise<ArmResponse> {
  const { name, sku } = registries.existing(request);
  return ok({ value: usages(String(sku?.name), await registries.host.size(name)) });
}

export function listNone(registries: Registries, request: ArmRequest): ArmResponse {
  registries.existing(request);
  return ok({ value: [] });
}
