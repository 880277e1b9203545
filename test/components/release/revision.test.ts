import { expect, it } from "vitest";
import { revisionOf } from "../../../components/release/revision.ts";

const IMAGE = "cr.azurecr.io/scoring-app@sha256:1";
const REVISION = revisionOf(IMAGE, { A: "1", B: "2" }, "key");

it("is the same for the same image and settings, whatever their order", () => {
  expect(revisionOf(IMAGE, { B: "2", A: "1" }, "key")).toBe(REVISION);
  expect(REVISION).toMatch(/^[0-9a-f]{16}$/);
});

it.each([
  ["the image", revisionOf("cr.azurecr.io/scoring-app@sha256:2", { A: "1", B: "2" }, "key")],
  ["a setting's value", revisionOf(IMAGE, { A: "1", B: "3" }, "key")],
  ["a setting's name", revisionOf(IMAGE, { A: "1", C: "2" }, "key")],
  ["a setting left out", revisionOf(IMAGE, { A: "1" }, "key")],
  ["the key", revisionOf(IMAGE, { A: "1", B: "2" }, "other")],
])("changes with %s", (_, other) => {
  expect(other).not.toBe(REVISION);
});
