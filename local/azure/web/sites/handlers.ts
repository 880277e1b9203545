import { checkLocation, notEmulated } from "../../core/errors.ts";
import { checkPatchedLocation, requiredLocation } from "../../core/locations.ts";
import { ok } from "../../core/ok.ts";
import { tagsOf } from "../../core/tags.ts";
import { equalsIgnoringCase } from "../../core/text.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { bodyOf, flagIn, listOf, membersOf, objectIn, shown } from "../body.ts";
import { checkAgainstPlan, mergeSiteConfig } from "../config/site-config.ts";
import { invalidParameter, planNotFound, webError } from "../errors.ts";
import { type Plan, planType, type Site, siteType } from "../model.ts";
import type { WebState } from "../state.ts";
import { SITE } from "./members.ts";
import { writeSiteProperties } from "./properties.ts";
import { etag, renderSite } from "./view.ts";

export function get(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  return ok(renderSite(site, state.planOf(site), "get"), { ETag: etag(site) });
}

export function list(state: WebState, request: ArmRequest): ArmResponse {
  const sites = state.sites(request.parameters.scope);
  return ok(listOf(sites.map((site) => renderSite(site, state.planOf(site), "get"))));
}

/** Creates or replaces; absent members of siteConfig and absent app settings are kept. */
export async function put(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const body = bodyOf(request);
  const { name = "" } = request.parameters;
  const location = requiredLocation(body, siteType);
  const existing = state.findSite(state.idOf(request, siteType));
  checkLocation(existing, location);
  if (!existing) checkName(state, name);
  const plan = planFor(state, request, location, existing);
  const draft = existing ? structuredClone(existing) : state.newSite(request, plan);
  draft.tags = tagsOf(body);
  draft.properties.written = {};
  return write(state, request, draft, plan);
}

/** Merges. */
export async function patch(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const body = bodyOf(request);
  const existing = state.site(request);
  checkPatchedLocation(existing, body);
  const plan = planFor(state, request, existing.location, existing);
  const draft = structuredClone(existing);
  draft.tags = tagsOf(body) ?? existing.tags;
  return write(state, request, draft, plan);
}

/** @param query.deleteEmptyServerFarm - by default the plan goes with its last site. */
export async function remove(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const site = state.findSite(state.idOf(request, siteType));
  if (!site) return { status: 204 };
  const plan = state.planOf(site);
  const takesPlan = flagIn(request, "deleteEmptyServerFarm", true);
  await state.removeSite(site);
  if (takesPlan && state.sitesOn(plan).length === 0) await state.context.store.delete(plan.id);
  return { status: 200 };
}

/** 2 to 60 letters, digits and hyphens, no hyphen at the ends (Learn, "Naming rules for Azure resources"). */
export function isValidSiteName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/i.test(name);
}

export function isTaken(state: WebState, name: string): boolean {
  return state.sites().some((site) => equalsIgnoringCase(site.name, name));
}

async function write(state: WebState, request: ArmRequest, draft: Site, plan: Plan): Promise<ArmResponse> {
  const { kind, properties = {} } = membersOf(SITE, request, siteType);
  checkKind(kind);
  writeSiteProperties(draft, properties);
  mergeSiteConfig(draft, properties.siteConfig ?? {});
  draft.properties.serverFarmId = plan.id;
  checkAgainstPlan(draft, plan);
  // Only now, lest a refused creation keep them.
  if (draft.properties.port === 0) await state.takePorts(draft);
  const saved = await state.save(draft);
  return ok(renderSite(saved, plan, "put"), { ETag: etag(saved) });
}

function checkName(state: WebState, name: string): void {
  if (!isValidSiteName(name)) throw invalidParameter("Name");
  if (isTaken(state, name)) {
    throw webError("Conflict", "Website with given name {0} already exists.", [name], "54001");
  }
}

/** The plan that the body names, by id or by its name in the site's group, else the site's own. */
function planFor(state: WebState, request: ArmRequest, location: string, existing: Site | undefined): Plan {
  const given = objectIn(bodyOf(request), "properties").serverFarmId ?? existing?.properties.serverFarmId;
  if (typeof given !== "string" || given === "") {
    throw notEmulated("an app without 'properties.serverFarmId'", "name the plan that it shall run on.");
  }
  const { resourceGroupName } = request.parameters;
  const id = given.startsWith("/")
    ? given
    : state.idOf(
        { ...request, parameters: { resourceGroupName: resourceGroupName!, name: given } },
        planType,
      );
  const plan = state.findPlan(id);
  // Azure looks for the plan in the location's web space: one of another location is not found there.
  if (plan?.type !== planType || plan.location !== location) {
    throw planNotFound(given);
  }
  return plan;
}

/** Azure decides the kind by plan and image; only other sorts of app are told by it. */
function checkKind(kind: unknown): void {
  if (kind === undefined || kind === null) return;
  const other = shown(kind)
    .split(",")
    .find((part) => !["", "app", "linux", "container"].includes(part.trim().toLowerCase()));
  if (other)
    throw notEmulated(`the kind '${other}'`, "web apps that run a Linux container are all there is.");
}
