import { expect, it } from "vitest";
import { compareVersions } from "../../local/toolchain/go.ts";

it.each([
  ["1.26.6", "1.26.6", 0],
  ["1.26", "1.26.0", 0],
  ["1.9", "1.26", -1],
  ["1.27rc1", "1.26.6", 1],
  ["3.274.1", "3.200.0", 1],
  ["3.200.0-dev.0", "3.200.0", 0],
  ["", "1.21", -1],
])("orders %s and %s", (a, b, expected) => {
  expect(compareVersions(a, b)).toBe(expected);
});
