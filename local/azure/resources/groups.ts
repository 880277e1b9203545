import { randomUUID } from "node:crypto";
import { groupId } from "../core/checks.ts";
import { ArmError, invalidRequestContent, invalidType, resourceGroupNotFound } from "../core/errors.ts";
import { requiredLocation } from "../core/locations.ts";
import { readMembers } from "../core/members.ts";
import { ok } from "../core/ok.ts";
import { type Begun, locationOperation, type ProviderContext, type RouteRow } from "../core/provider.ts";
import { tagsOf } from "../core/tags.ts";
import type { ArmRequest, ArmResponse, Resource } from "../core/types.ts";
import { parseFilter } from "./filter.ts";
import { GROUP } from "./members.ts";
import { page, paged } from "./paging.ts";

const groupType = "Microsoft.Resources/resourceGroups";

/** The stored groups, and the deletions under way. */
export class ResourceGroups {
  readonly context: ProviderContext;
  /** By the group's id in lower case. */
  readonly #deletions = new Map<string, Promise<void>>();

  constructor(context: ProviderContext) {
    this.context = context;
  }

  all(): Resource[] {
    return this.context.store.list(groupType, `/subscriptions/${this.context.subscriptionId}`);
  }

  /** @throws ArmError 404 when there is none of the request's name. */
  existing({ parameters }: ArmRequest): Resource {
    const name = parameters.resourceGroupName!;
    const group = this.context.store.get(groupId(this.context.subscriptionId, name));
    if (!group) throw resourceGroupNotFound(name);
    return group;
  }

  /** Goes on with deletions that the last process did not get to finish. */
  resume(): void {
    for (const group of this.all()) {
      if (group.properties.provisioningState !== "Deleting") continue;
      this.remove(group).catch((error: Error) => this.context.log(error.message));
    }
  }

  /** Deletes the group with all that is in it. @throws ArmError 409 when something does not go. */
  remove(group: Resource): Promise<void> {
    const key = group.id.toLowerCase();
    const running = this.#deletions.get(key);
    if (running !== undefined) return running;
    const removal = this.#removeMembers(group).finally(() => this.#deletions.delete(key));
    this.#deletions.set(key, removal);
    return removal;
  }

  async #removeMembers(group: Resource): Promise<void> {
    const { store, log, providers } = this.context;
    const failures: { resource: Resource; message: string }[] = [];
    // What depends on others was started after them.
    for (const provider of providers().toReversed()) {
      for (const { resourceType } of provider.resourceTypes) {
        const type = `${provider.namespace}/${resourceType}`.toLowerCase();
        for (const resource of store.inGroup(group.id)) {
          if (resource.type.toLowerCase() !== type) continue;
          try {
            await provider.remove(resource);
          } catch (error) {
            if (!(error instanceof ArmError)) log(`Deleting ${resource.id}: ${(error as Error).stack}`);
            failures.push({ resource, message: (error as Error).message });
          }
        }
      }
    }
    if (failures.length === 0) return store.delete(group.id);
    group.properties.provisioningState = "Succeeded";
    await store.put(group);
    const names = failures.map(({ resource }) => `${resource.type}/${resource.name}`).join(",");
    throw new ArmError(
      409,
      "ResourceGroupDeletionBlocked",
      `Deletion of resource group '${group.name}' failed as resources with identifiers '${names}' could not be deleted. The provisioning state of the resource group will be rolled back. The tracking Id is '${randomUUID()}'. Please check audit logs for more details.`,
      { details: failures.map(({ resource, message }) => ({ target: resource.id, message })) },
    );
  }
}

export const groupRoutes: RouteRow<ResourceGroups>[] = [
  { path: "{subscription}/resourceGroups", options: [...paged, "$filter"], GET: list },
  {
    path: "{group}",
    GET: (groups, request) => ({ status: 200, body: render(groups.existing(request)) }),
    PUT: put,
    PATCH: patch,
    DELETE: locationOperation(beginDelete),
  },
];

function list(groups: ResourceGroups, request: ArmRequest): ArmResponse {
  const matches = parseFilter(request.query.get("$filter"));
  return page(groups.all().filter(matches).map(render), request);
}

async function put(groups: ResourceGroups, { parameters, body }: ArmRequest): Promise<ArmResponse> {
  const { store, subscriptionId } = groups.context;
  const name = parameters.resourceGroupName!;
  checkName(name);
  const location = requiredLocation(body, groupType);
  const existing = store.get(groupId(subscriptionId, name));
  if (existing && existing.location !== location) {
    const message = `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`;
    throw new ArmError(409, "InvalidResourceGroupLocation", message);
  }
  const group: Resource = {
    id: existing?.id ?? groupId(subscriptionId, name),
    name: existing?.name ?? name,
    type: groupType,
    location,
    tags: tagsOf(body),
    properties: { provisioningState: "Succeeded", managedBy: managedByOf(body) },
  };
  await store.put(group);
  return { status: existing ? 200 : 201, body: render(group) };
}

async function patch(groups: ResourceGroups, request: ArmRequest): Promise<ArmResponse> {
  const group = groups.existing(request);
  const given = request.body as { location?: unknown };
  if (given.location !== undefined && requiredLocation(given, groupType) !== group.location) {
    throw invalidRequestContent("The location of a resource group cannot be changed");
  }
  group.tags = tagsOf(given) ?? group.tags;
  group.properties.managedBy = managedByOf(given) ?? group.properties.managedBy;
  await groups.context.store.put(group);
  return ok(render(group));
}

async function beginDelete(groups: ResourceGroups, request: ArmRequest): Promise<Begun> {
  const group = groups.existing(request);
  group.properties.provisioningState = "Deleting";
  await groups.context.store.put(group);
  return {
    status: 202,
    work: async () => {
      await groups.remove(group);
      return { status: 200 };
    },
  };
}

function checkName(name: string): void {
  const invalid = name.match(/[^\p{L}\p{Nd}\-._()]/gu);
  if (invalid) {
    const message = `The provided resource group name '${name}' has these invalid characters: '${[...new Set(invalid)].join("")}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.`;
    throw new ArmError(400, "InvalidResourceGroup", message);
  }
  if (name.length > 90 || name.endsWith(".")) {
    const message = `The provided resource group name '${name}' is not valid: it has at most 90 characters and does not end with a period.`;
    throw new ArmError(400, "InvalidResourceGroup", message);
  }
}

function managedByOf(body: unknown): string | undefined {
  return readMembers(GROUP, body as object, { owner: groupType, invalid: invalidType }).managedBy;
}

function render({ id, name, type, location, tags, properties }: Resource): Record<string, unknown> {
  const { provisioningState, managedBy } = properties;
  return { id, name, type, location, managedBy, tags, properties: { provisioningState } };
}
