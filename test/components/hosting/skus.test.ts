import { describe, expect, it } from "vitest";
import { canonicalSku, checkInstanceCount } from "../../../components/hosting/skus.ts";

describe("canonicalSku", () => {
  it.each([
    ["B1", "B1"],
    ["s3", "S3"],
    ["P1V2", "P1v2"],
    ["p0v3", "P0v3"],
    ["P1MV4", "P1mv4"],
  ])("spells %s as Azure does", (sku, expected) => {
    expect(canonicalSku(sku)).toBe(expected);
  });

  it.each([
    ["F1", "always on; use B1"],
    ["shared", "always on; use B1"],
    ["B4", "use one of B1, B2"],
    ["I1v2", "use one of B1, B2"],
    ["Basic", "use one of B1, B2"],
  ])("refuses %s with a remedy", (sku, remedy) => {
    expect(() => canonicalSku(sku)).toThrow(remedy);
  });
});

describe("checkInstanceCount", () => {
  it.each([
    ["B1", 3],
    ["S1", 10],
    ["P1v2", 30],
    ["P0v3", 30],
    ["P0v4", 30],
  ])("lets %s run up to %i instances", (sku, maximum) => {
    expect(() => checkInstanceCount(sku, 1)).not.toThrow();
    expect(() => checkInstanceCount(sku, maximum)).not.toThrow();
    expect(() => checkInstanceCount(sku, maximum + 1)).toThrow(`1 to ${maximum}`);
  });

  it("names a tier that runs as many", () => {
    expect(() => checkInstanceCount("B1", 4)).toThrow("or a Standard SKU such as S1");
    expect(() => checkInstanceCount("S1", 11)).toThrow("or a Premium v2 SKU such as P1v2");
  });
});
