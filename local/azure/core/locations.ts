import { ArmError, checkLocation } from "./errors.ts";
import type { Resource } from "./types.ts";

const displayNames = `
  East US, East US 2, South Central US, West US 2, West US 3, Australia East, Southeast Asia, North Europe,
  Sweden Central, UK South, West Europe, Central US, South Africa North, Central India, East Asia,
  Indonesia Central, Japan East, Japan West, Korea Central, Malaysia West, New Zealand North,
  Canada Central, Austria East, Belgium Central, Denmark East, France Central, Germany West Central,
  Italy North, Norway East, Poland Central, Spain Central, Switzerland North, Mexico Central, UAE North,
  Brazil South, Chile Central, Israel Central, Qatar Central, North Central US, West US, West Central US,
  South Africa West, Australia Central, Australia Central 2, Australia Southeast, Korea South, South India,
  West India, Canada East, France South, Germany North, Norway West, Sweden South, Switzerland West,
  UK West, UAE Central, Brazil Southeast`;

/** Azure's public regions, name → display name. */
export const locations: Readonly<Record<string, string>> = Object.fromEntries(
  displayNames.split(",").map((name) => [normalizeLocation(name.trim()), name.trim()]),
);

/** `West Europe` → `westeurope`. */
export function normalizeLocation(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

/** `westeurope` → `West Europe`. */
export function displayLocation(location: string): string {
  return locations[normalizeLocation(location)] ?? location;
}

/**
 * The normalized location of a request's body.
 *
 * @param type - e.g. `Microsoft.Web/sites`.
 * @throws ArmError (400) when there is none or it is not a region of Azure's.
 */
export function requiredLocation(body: unknown, type: string): string {
  const given = (body as { location?: unknown } | undefined)?.location;
  if (typeof given !== "string" || given === "") {
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  }
  const location = normalizeLocation(given);
  if (Object.hasOwn(locations, location)) return location;
  const regions = Object.keys(locations).join(",");
  const isGroup = type === "Microsoft.Resources/resourceGroups";
  const what = isGroup ? "resource group" : `resource type '${type}'`;
  const whose = isGroup ? "" : " for the resource type";
  const message = `The provided location '${given}' is not available for ${what}. List of available regions${whose} is '${regions}'.`;
  throw new ArmError(400, `LocationNotAvailableForResource${isGroup ? "Group" : "Type"}`, message);
}

/** Refuses a `PATCH` that names another location than the resource's: nothing moves. */
export function checkPatchedLocation(existing: Resource, body: unknown): void {
  const { location } = body as { location?: unknown };
  if (location === undefined || location === null) return;
  checkLocation(existing, requiredLocation(body, existing.type));
}
