import { notEmulated } from "../../core/errors.ts";
import { isObject } from "../../core/members.ts";
import { is } from "../../core/readers.ts";
import { invalidParameter, webError } from "../errors.ts";

/** A plan's SKU as Azure answers it. */
export interface Sku {
  name: string;
  tier: string;
  size: string;
  family: string;
  capacity: number;
}

interface Tier {
  /** The site's `sku`, and WEBSITE_SKU in its container (inferred: no recording of that variable names a Premium tier). */
  tier: string;
  family: string;
  sizes: string[];
  /** What a plan says of the worker of each size; of one that is missing, `Default`. */
  workers: string[];
  /** Most instances that a plan may have (Learn, "App Service limits"). */
  maximum: number;
  linux: boolean;
  alwaysOn: boolean;
  computeMode: "Dedicated" | "Shared";
}

const shared = { maximum: 1, workers: [], alwaysOn: false, computeMode: "Shared" as const };
const dedicated = {
  workers: ["Default", "Medium", "Large"],
  linux: true,
  alwaysOn: true,
  computeMode: "Dedicated" as const,
};
const premium = { ...dedicated, maximum: 30 };
// "SmallV4" is recorded, the others are inferred from it.
const v4 = { ...premium, workers: ["SmallV4", "MediumV4", "LargeV4"] };
const memoryOptimised = (version: string) => [1, 2, 3, 4, 5].map((size) => `P${size}m${version}`);

/** The App Service tiers that run a web app on shared or dedicated workers: all that is known here of a SKU. */
const TIERS: Tier[] = [
  { tier: "Free", family: "F", sizes: ["F1"], linux: true, ...shared },
  { tier: "Shared", family: "D", sizes: ["D1"], linux: false, ...shared },
  { tier: "Basic", family: "B", sizes: ["B1", "B2", "B3"], ...dedicated, maximum: 3 },
  { tier: "Standard", family: "S", sizes: ["S1", "S2", "S3"], ...dedicated, maximum: 10 },
  { tier: "PremiumV2", family: "Pv2", sizes: ["P1v2", "P2v2", "P3v2"], ...premium },
  { tier: "Premium0V3", family: "Pv3", sizes: ["P0v3"], ...premium },
  { tier: "PremiumV3", family: "Pv3", sizes: ["P1v3", "P2v3", "P3v3"], ...premium },
  { tier: "PremiumMV3", family: "Pmv3", sizes: memoryOptimised("v3"), ...premium },
  { tier: "Premium0V4", family: "Pv4", sizes: ["P0v4"], ...v4, workers: [] },
  { tier: "PremiumV4", family: "Pv4", sizes: ["P1v4", "P2v4", "P3v4"], ...v4 },
  { tier: "PremiumMV4", family: "Pmv4", sizes: memoryOptimised("v4"), ...v4 },
];

/** Those that Azure has besides (Premium v1, Isolated, and where functions, workflows and Windows containers run). */
const others = /^(p[1-3]|i[1-6](m?v2)?|y1|fc1|e[ip][1-3]|ws[1-3]|pc[2-4])$/i;

/** The tier of a SKU that has passed {@link readSku}. */
export function tierOf(sku: Pick<Sku, "name">): Tier {
  return findTier(sku.name)!;
}

/** What a plan of the SKU says of its workers. */
export function workerSizeOf(sku: Pick<Sku, "name">): string {
  const { sizes, workers } = tierOf(sku);
  return workers[sizes.indexOf(sku.name)] ?? "Default";
}

/**
 * The SKU that a request asks for. Azure goes by the name alone: a tier that contradicts it is ignored.
 *
 * @param linux - whether the plan is a Linux one (`reserved`); Shared is for Windows only.
 * @throws ArmError 400 for a name that is unknown or not emulated, 409 for more instances than the tier has.
 */
export function readSku(given: unknown, linux: boolean): Sku {
  const { name, capacity } = isObject(given) ? given : {};
  if (typeof name === "string" && others.test(name)) {
    throw notEmulated(`'sku.name' ${name}`, "plans are Free, Shared, Basic, Standard or Premium v2 to v4.");
  }
  const tier = typeof name === "string" ? findTier(name) : undefined;
  if (!tier || (linux && !tier.linux)) throw invalidParameter("SKU.Name");
  const least = tier.alwaysOn ? 1 : 0;
  const instances = capacity ?? least;
  if (typeof instances !== "number" || !Number.isInteger(instances) || instances < least) {
    throw invalidParameter("SKU.Capacity");
  }
  if (instances > tier.maximum) {
    const template = "Number of Web workers exceeds the maximum allowed for the hosting plan.";
    throw webError("Conflict", template, [], "03002");
  }
  const size = tier.sizes.find(is(name))!;
  return { name: size, tier: tier.tier, size, family: tier.family, capacity: instances };
}

function findTier(name: string): Tier | undefined {
  return TIERS.find((tier) => tier.sizes.some(is(name)));
}
