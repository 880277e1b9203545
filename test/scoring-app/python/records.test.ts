import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { azurePython } from "./servers.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

it("data frames of any records are inference_schema's own, types included, and most are made the faster way", () => {
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  const property = [
    path("records_property.py"),
    path("../../../scoring-app/python"),
    process.env.SEED ?? seed,
    "250",
  ];
  const [compared, fast] = execFileSync(azurePython(), property, { encoding: "utf8" }).split(" ").map(Number);
  expect(compared).toBe(1000);
  expect(fast).toBeGreaterThan(125);
});
