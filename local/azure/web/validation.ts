import { ArmError, invalidRequestContent, notEmulated } from "../core/errors.ts";
import { each, isObject, nested, refused, taken } from "../core/members.ts";
import { ok } from "../core/ok.ts";
import { anything } from "../core/readers.ts";
import { equalsIgnoringCase } from "../core/text.ts";
import type { ArmRequest, ArmResponse } from "../core/types.ts";
import { bodyOf, type Json, shown } from "./body.ts";
import { planNotFound } from "./errors.ts";
import { planType } from "./model.ts";
import { readSku } from "./plans/sku.ts";
import * as why from "./reasons.ts";
import { isTaken, isValidSiteName } from "./sites/handlers.ts";
import type { WebState } from "./state.ts";

/** The body of checknameavailability. */
export const NAME_CHECK = {
  ...each(taken(anything), "name type"),
  isFqdn: refused("host names are localhost:PORT; give the site's name."),
  environmentId: refused(why.environments),
};

/** The body of validate. */
export const VALIDATION = {
  ...each(taken(anything), "name type location"),
  properties: nested({
    ...each(taken(anything), "serverFarmId skuName needLinuxWorkers capacity"),
    isSpot: refused("plans here cannot be evicted."),
    isXenon: refused(why.windows),
    ...each(refused(why.environments), "hostingEnvironment appServiceEnvironment"),
    ...each(
      refused("an image is pulled when an app starts, not before."),
      `containerRegistryBaseUrl containerRegistryUsername containerRegistryPassword
      containerImageRepository containerImageTag containerImagePlatform`,
    ),
  }),
};

/** POST checknameavailability, for the names of sites. */
export function checkNameAvailability(state: WebState, request: ArmRequest): ArmResponse {
  const { name, type } = bodyOf(request);
  if (typeof name !== "string") throw invalidRequestContent("The property 'name' is missing");
  if (typeof type !== "string" || !["site", "microsoft.web/sites"].includes(type.toLowerCase())) {
    throw notEmulated(`the name check for type '${shown(type)}'`, "names of sites are checked only.");
  }
  return ok(availability(state, name));
}

function availability(state: WebState, name: string): Json {
  if (!isValidSiteName(name)) {
    const message = `The name '${name}' is not valid: 2 to 60 letters, digits and hyphens, no hyphen at either end.`;
    return { nameAvailable: false, reason: "Invalid", message };
  }
  if (!isTaken(state, name)) return { nameAvailable: true, reason: "", message: "" };
  const message = `Hostname '${name}' already exists. Please select a different name.`;
  return { nameAvailable: false, reason: "AlreadyExists", message };
}

/** POST validate: whether a plan's SKU, or the plan of a site, would be taken. */
export function validate(state: WebState, request: ArmRequest): ArmResponse {
  const { type, properties } = bodyOf(request);
  const given = isObject(properties) ? properties : {};
  try {
    if (equalsIgnoringCase(shown(type), "ServerFarm")) {
      readSku({ name: given.skuName, capacity: given.capacity }, given.needLinuxWorkers === true);
    } else if (equalsIgnoringCase(shown(type), "Site")) {
      checkPlan(state, given);
    } else {
      throw notEmulated(`the validation of type '${shown(type)}'`, "ServerFarm and Site are validated only.");
    }
  } catch (error) {
    if (!(error instanceof ArmError) || error.extras.envelope !== "web") throw error;
    return ok({ status: "Failure", error: { code: error.code, message: error.message } });
  }
  return ok({ status: "Success", error: null });
}

function checkPlan(state: WebState, properties: Json): void {
  const id = shown(properties.serverFarmId);
  if (state.findPlan(id)?.type === planType) return;
  throw planNotFound(id);
}
