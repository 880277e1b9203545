import { describe, expect, it } from "vitest";
import { readSku, tierOf, workerSizeOf } from "../../../../local/azure/web/plans/sku.ts";
import { platformEnvironment } from "../../../../local/azure/web/runtime/environment.ts";
import { siteSpec } from "../runtime/site-specs.ts";

describe("SKUs", () => {
  it.each([
    [{ name: "B1", tier: "BASIC", capacity: 1 }, "B1", "Basic", "B", 1],
    [{ name: "b2" }, "B2", "Basic", "B", 1],
    [{ name: "S1", capacity: 10 }, "S1", "Standard", "S", 10],
    [{ name: "P1V4", tier: "PREMIUMV4" }, "P1v4", "PremiumV4", "Pv4", 1],
    [{ name: "p0v3" }, "P0v3", "Premium0V3", "Pv3", 1],
    [{ name: "P1V3", capacity: 30 }, "P1v3", "PremiumV3", "Pv3", 30],
    // The name decides, and capacity 0 stays.
    [{ name: "F1", tier: "Shared", capacity: 0 }, "F1", "Free", "F", 0],
  ])("%j is written as Azure writes it", (given, name, tier, family, capacity) => {
    expect(readSku(given, true)).toEqual({ name, tier, size: name, family, capacity });
  });

  it.each([{ name: "B9" }, { tier: "Basic" }, { name: "FREE" }, { name: "D1" }, undefined, "B1"])(
    "%j is no SKU of a Linux plan",
    (given) => {
      expect(() => readSku(given, true)).toThrow("The parameter SKU.Name has an invalid value.");
    },
  );

  it.each([
    ["F1", 2],
    ["B1", 4],
    ["S1", 11],
    ["P1v3", 31],
  ])("%s has no %i instances", (name, capacity) => {
    expect(() => readSku({ name, capacity }, true)).toThrow("Number of Web workers exceeds the maximum");
  });

  it.each([0, -1, 1.5, "2"])("B1 cannot have %j instances", (capacity) => {
    expect(() => readSku({ name: "B1", capacity }, true)).toThrow("The parameter SKU.Capacity");
  });

  it.each([
    ["F1", "Free", "Shared", "Default"],
    ["B2", "Basic", "Dedicated", "Medium"],
    ["P1v2", "PremiumV2", "Dedicated", "Default"],
    ["P0v3", "Premium0V3", "Dedicated", "Default"],
    ["P3v3", "PremiumV3", "Dedicated", "Large"],
    ["P5mv3", "PremiumMV3", "Dedicated", "Default"],
    ["P0v4", "Premium0V4", "Dedicated", "Default"],
    ["P1v4", "PremiumV4", "Dedicated", "SmallV4"],
    ["P4mv4", "PremiumMV4", "Dedicated", "Default"],
  ])("%s tells plan and container that it is %s", (name, tier, computeMode, worker) => {
    const sku = readSku({ name }, true);
    expect([sku.tier, tierOf(sku).computeMode, workerSizeOf(sku)]).toEqual([tier, computeMode, worker]);
    const { WEBSITE_SKU, WEBSITE_COMPUTE_MODE } = platformEnvironment(
      siteSpec({ sku: { name, tier, computeMode } }),
      "0",
    );
    expect([WEBSITE_SKU, WEBSITE_COMPUTE_MODE]).toEqual([tier, computeMode]);
  });

  it("only dedicated workers are always on", () => {
    expect(["F1", "D1", "B1", "P1v3"].map((name) => tierOf({ name }).alwaysOn)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
