import { expect, test } from "vitest";
import { isSameSecret } from "../../local/system/secrets.ts";

test.each([
  ["secret", "secret", true],
  ["Secret", "secret", false],
  ["secret", "secrets", false],
  ["", "", false],
  ["é", "e", false],
])("given %j where %j is expected: %s", (given, expected, same) => {
  expect(isSameSecret(given, expected)).toBe(same);
});
