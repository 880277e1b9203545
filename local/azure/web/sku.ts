import { equalsIgnoringCase } from "../core/text.ts";
import { isObject } from "./body.ts";
import { invalidParameter, webError } from "./errors.ts";

/** A plan's SKU as Azure answers it. */
export interface Sku {
  name: string;
  tier: string;
  size: string;
  family: string;
  capacity: number;
}

interface Tier {
  tier: string;
  family: string;
  sizes: string[];
  /** Most instances that a plan may have (Learn, "App Service limits"). */
  maximum: number;
  linux: boolean;
  alwaysOn: boolean;
}

const dedicated = { linux: true, alwaysOn: true };

/** The App Service tiers that run a web app on shared or dedicated workers. */
const TIERS: Tier[] = [
  { tier: "Free", family: "F", sizes: ["F1"], maximum: 1, linux: true, alwaysOn: false },
  { tier: "Shared", family: "D", sizes: ["D1"], maximum: 1, linux: false, alwaysOn: false },
  { tier: "Basic", family: "B", sizes: ["B1", "B2", "B3"], maximum: 3, ...dedicated },
  { tier: "Standard", family: "S", sizes: ["S1", "S2", "S3"], maximum: 10, ...dedicated },
  { tier: "PremiumV2", family: "Pv2", sizes: ["P1v2", "P2v2", "P3v2"], maximum: 30, ...dedicated },
  { tier: "Premium0V3", family: "Pv3", sizes: ["P0v3"], maximum: 30, ...dedicated },
  { tier: "PremiumV3", family: "Pv3", sizes: ["P1v3", "P2v3", "P3v3"], maximum: 30, ...dedicated },
  {
    tier: "PremiumMV3",
    family: "Pmv3",
    sizes: ["P1mv3", "P2mv3", "P3mv3", "P4mv3", "P5mv3"],
    maximum: 30,
    ...dedicated,
  },
  { tier: "Premium0V4", family: "Pv4", sizes: ["P0v4"], maximum: 30, ...dedicated },
  { tier: "PremiumV4", family: "Pv4", sizes: ["P1v4", "P2v4", "P3v4"], maximum: 30, ...dedicated },
  {
    tier: "PremiumMV4",
    family: "Pmv4",
    sizes: ["P1mv4", "P2mv4", "P3mv4", "P4mv4", "P5mv4"],
    maximum: 30,
    ...dedicated,
  },
];

/** The tier of a SKU that has passed {@link readSku}. */
export function tierOf(sku: Pick<Sku, "name">): Tier {
  return findTier(sku.name)!;
}

/**
 * The SKU that a request asks for. Azure goes by the name alone: a tier that contradicts it is ignored.
 *
 * @param linux - whether the plan is a Linux one (`reserved`); Shared is for Windows only.
 * @throws ArmError 400 for an unknown name, 409 for more instances than the tier has.
 */
export function readSku(given: unknown, linux: boolean): Sku {
  const { name, capacity } = isObject(given) ? given : {};
  const tier = typeof name === "string" ? findTier(name) : undefined;
  if (!tier || (linux && !tier.linux)) throw invalidParameter("SKU.Name");
  const least = tier.alwaysOn ? 1 : 0;
  const instances = capacity ?? least;
  if (typeof instances !== "number" || !Number.isInteger(instances) || instances < least) {
    throw invalidParameter("SKU.Capacity");
  }
  if (instances > tier.maximum) {
    throw webError(
      409,
      "Conflict",
      "Number of Web workers exceeds the maximum allowed for the hosting plan.",
      [],
      "03002",
    );
  }
  const size = tier.sizes.find((candidate) => equalsIgnoringCase(candidate, name as string))!;
  return { name: size, tier: tier.tier, size, family: tier.family, capacity: instances };
}

function findTier(name: string): Tier | undefined {
  return TIERS.find((tier) => tier.sizes.some((size) => equalsIgnoringCase(size, name)));
}
