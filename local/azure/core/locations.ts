import { ArmError } from "./errors.ts";

/** Azure's public regions, name → display name. */
export const locations: Readonly<Record<string, string>> = {
  eastus: "East US",
  eastus2: "East US 2",
  southcentralus: "South Central US",
  westus2: "West US 2",
  westus3: "West US 3",
  australiaeast: "Australia East",
  southeastasia: "Southeast Asia",
  northeurope: "North Europe",
  swedencentral: "Sweden Central",
  uksouth: "UK South",
  westeurope: "West Europe",
  centralus: "Central US",
  southafricanorth: "South Africa North",
  centralindia: "Central India",
  eastasia: "East Asia",
  indonesiacentral: "Indonesia Central",
  japaneast: "Japan East",
  japanwest: "Japan West",
  koreacentral: "Korea Central",
  malaysiawest: "Malaysia West",
  newzealandnorth: "New Zealand North",
  canadacentral: "Canada Central",
  austriaeast: "Austria East",
  belgiumcentral: "Belgium Central",
  denmarkeast: "Denmark East",
  francecentral: "France Central",
  germanywestcentral: "Germany West Central",
  italynorth: "Italy North",
  norwayeast: "Norway East",
  polandcentral: "Poland Central",
  spaincentral: "Spain Central",
  switzerlandnorth: "Switzerland North",
  mexicocentral: "Mexico Central",
  uaenorth: "UAE North",
  brazilsouth: "Brazil South",
  chilecentral: "Chile Central",
  israelcentral: "Israel Central",
  qatarcentral: "Qatar Central",
  northcentralus: "North Central US",
  westus: "West US",
  westcentralus: "West Central US",
  southafricawest: "South Africa West",
  australiacentral: "Australia Central",
  australiacentral2: "Australia Central 2",
  australiasoutheast: "Australia Southeast",
  koreasouth: "Korea South",
  southindia: "South India",
  westindia: "West India",
  canadaeast: "Canada East",
  francesouth: "France South",
  germanynorth: "Germany North",
  norwaywest: "Norway West",
  swedensouth: "Sweden South",
  switzerlandwest: "Switzerland West",
  ukwest: "UK West",
  uaecentral: "UAE Central",
  brazilsoutheast: "Brazil Southeast",
};

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
  throw type === "Microsoft.Resources/resourceGroups"
    ? new ArmError(
        400,
        "LocationNotAvailableForResourceGroup",
        `The provided location '${given}' is not available for resource group. List of available regions is '${regions}'.`,
      )
    : new ArmError(
        400,
        "LocationNotAvailableForResourceType",
        `The provided location '${given}' is not available for resource type '${type}'. List of available regions for the resource type is '${regions}'.`,
      );
}
