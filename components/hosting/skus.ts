/** What a tier of App Service plans allows; Isolated, Elastic and Consumption plans are other products. */
const tier = (name: string, most: number, skus: string) => ({ name, most, skus: skus.split(" ") });

/**
 * Tiers that run a Linux container which is always on.
 * Source: Azure subscription and service limits, App Service (instances a plan), and the plan's pricing page (SKUs).
 */
const TIERS = [
  tier("Basic", 3, "B1 B2 B3"),
  tier("Standard", 10, "S1 S2 S3"),
  tier("Premium v2", 30, "P1v2 P2v2 P3v2"),
  tier("Premium v3", 30, "P0v3 P1v3 P2v3 P3v3 P1mv3 P2mv3 P3mv3 P4mv3 P5mv3"),
  tier("Premium v4", 30, "P0v4 P1v4 P2v4 P3v4 P1mv4 P2mv4 P3mv4 P4mv4 P5mv4"),
];

const ALWAYS_OFF = new Set(["F1", "FREE", "D1", "SHARED"]);

/**
 * The SKU as Azure spells it, for any case (Azure takes "p1V3" and answers "P1v3", which would show as a change).
 * @throws Error saying what to use instead
 */
export function canonicalSku(sku: string): string {
  const known = TIERS.flatMap((tier) => tier.skus);
  const found = known.find((name) => name.toLowerCase() === sku.toLowerCase());
  if (found) return found;
  if (ALWAYS_OFF.has(sku.toUpperCase())) {
    throw new Error("Free and Shared plans cannot keep a container always on; use B1 or larger");
  }
  throw new Error(`not a SKU for Linux containers; use one of ${known.join(", ")}`);
}

/**
 * Checks the number of instances against the tier of a SKU that {@link canonicalSku} returned; of another SKU, nothing.
 * @throws Error saying what to use instead
 */
export function checkInstanceCount(sku: string, instanceCount: number): void {
  const tier = TIERS.find(({ skus }) => skus.includes(sku));
  if (!tier || (instanceCount >= 1 && instanceCount <= tier.most)) return;
  const larger = TIERS.find((tier) => tier.most >= instanceCount);
  const remedy = instanceCount > 1 && larger ? ` or a ${larger.name} SKU such as ${larger.skus[0]}` : "";
  throw new Error(`${sku} (${tier.name}) runs 1 to ${tier.most}; use one of these${remedy}`);
}
