import { randomInt } from "node:crypto";
import { checkLocation, notEmulated } from "../../core/errors.ts";
import { checkPatchedLocation, requiredLocation } from "../../core/locations.ts";
import { ok } from "../../core/ok.ts";
import { tagsOf } from "../../core/tags.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { bodyOf, listOf, membersOf } from "../body.ts";
import { siteConfigOf } from "../config/site-config.ts";
import { invalidParameter, webError } from "../errors.ts";
import { type Plan, planType } from "../model.ts";
import { renderSite } from "../sites/view.ts";
import type { WebState } from "../state.ts";
import { SERVER_FARM } from "./members.ts";
import { readSku, tierOf } from "./sku.ts";
import { renderPlan } from "./view.ts";

export function get(state: WebState, request: ArmRequest): ArmResponse {
  return ok(renderPlan(state, state.plan(request), request.apiVersion));
}

export function list(state: WebState, request: ArmRequest): ArmResponse {
  const plans = state
    .plans(request.parameters.scope)
    .map((plan) => renderPlan(state, plan, request.apiVersion));
  return ok(listOf(plans));
}

export function listSites(state: WebState, request: ArmRequest): ArmResponse {
  const plan = state.plan(request);
  return ok(listOf(state.sitesOn(plan).map((site) => renderSite(site, plan, "get"))));
}

/** Creates or replaces; an absent SKU keeps the one there is. */
export async function put(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const body = bodyOf(request);
  const { name = "" } = request.parameters;
  if (!/^[A-Za-z0-9-]{1,60}$/.test(name)) throw invalidParameter("Name");
  const location = requiredLocation(body, planType);
  const id = state.idOf(request, planType);
  const existing = state.findPlan(id);
  checkLocation(existing, location);
  const { properties: given } = membersOf(SERVER_FARM, request, planType);
  const properties = propertiesOf(given?.reserved, existing);
  const plan: Plan = {
    id: existing?.id ?? id,
    name: existing?.name ?? name,
    type: planType,
    location,
    tags: tagsOf(body),
    kind: properties.reserved ? "linux" : "app",
    sku: { ...(body.sku || !existing ? readSku(body.sku, properties.reserved) : existing.sku) },
    properties,
  };
  await save(state, plan, existing);
  const answer = renderPlan(state, plan, request.apiVersion, "put");
  // The answer to a PUT says the location as it was sent; a GET says its display name.
  return ok({ ...answer, location: body.location });
}

/** Merges, of the SKU too. */
export async function patch(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const body = bodyOf(request);
  const existing = state.plan(request);
  checkPatchedLocation(existing, body);
  const given = membersOf(SERVER_FARM, request, planType);
  const properties = propertiesOf(given.properties?.reserved, existing);
  const plan: Plan = {
    ...existing,
    tags: tagsOf(body) ?? existing.tags,
    sku: { ...readSku({ ...existing.sku, ...given.sku }, properties.reserved) },
    properties,
  };
  await save(state, plan, existing);
  return ok(renderPlan(state, plan, request.apiVersion));
}

export async function remove(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const plan = state.findPlan(state.idOf(request, planType));
  if (!plan) return { status: 204 };
  await removePlan(state, plan);
  return { status: 200 };
}

/** @throws ArmError 409 while apps are on the plan, whatever group they are in. */
export async function removePlan(state: WebState, plan: Plan): Promise<void> {
  const sites = state.sitesOn(plan);
  if (sites.length > 0) {
    const template = "Server farm '{0}' cannot be deleted because it has web app(s) {1} assigned to it.";
    const names = sites.map((site) => site.name).join(",");
    throw webError("Conflict", template, [plan.name, names], "11003");
  }
  await state.context.store.delete(plan.id);
}

function propertiesOf(given: boolean | undefined, existing: Plan | undefined): Plan["properties"] {
  const reserved = given ?? existing?.properties.reserved ?? false;
  if (existing && existing.properties.reserved !== reserved) {
    throw notEmulated(
      `changing 'properties.reserved' of the plan '${existing.name}'`,
      "a plan's operating system is decided at its creation; make another plan.",
    );
  }
  return (
    existing?.properties ?? {
      reserved,
      serverFarmId: randomInt(1000, 100_000),
      created: new Date().toISOString(),
    }
  );
}

/** Stores the plan; a changed SKU reaches the plan's sites. */
async function save(state: WebState, plan: Plan, existing: Plan | undefined): Promise<void> {
  const sites = existing ? state.sitesOn(existing) : [];
  for (const site of sites) {
    if (tierOf(plan.sku).alwaysOn || !siteConfigOf(site).alwaysOn) continue;
    const template =
      "Cannot update the site '{0}' because it uses AlwaysOn feature which is not allowed in the target compute mode.";
    throw webError("Conflict", template, [site.name], "04068");
  }
  await state.context.store.put(plan);
  if (existing?.sku.name !== plan.sku.name) for (const site of sites) await state.apply(site);
}
