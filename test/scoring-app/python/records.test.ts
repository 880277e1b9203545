import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { pythonWith } from "../python.ts";
import { azurePython } from "./servers.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

it.each([
  ["3", azurePython],
  ["2", () => pythonWith(["inference-schema==1.8", "pandas==2.3.3"])],
])(
  "pandas %s: data frames of any records are inference_schema's own, types included, and most are made the faster way",
  (_, python) => {
    const seed = String(Math.floor(Math.random() * 2 ** 31));
    const property = [
      path("records_property.py"),
      path("../../../scoring-app/python"),
      process.env.SEED ?? seed,
      "250",
    ];
    const [compared, fast] = execFileSync(python(), property, { encoding: "utf8" }).split(" ").map(Number);
    expect(compared).toBe(1000);
    expect(fast).toBeGreaterThan(125);
  },
);
