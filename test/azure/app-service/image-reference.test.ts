import { expect, test } from "vitest";
import { isReference } from "../../../local/azure/app-service/image-reference.ts";

const digest = `sha256:${"0".repeat(64)}`;

test.each([
  "nginx",
  "nginx:1.27",
  "library/nginx",
  `localhost:5000/scoring-app@${digest}`,
  `crmlscoring.azurecr.io/team/scoring_app:v1.0@${digest}`,
  "Registry.example.com/a__b/c-d:latest",
])("%s is an image reference", (image) => {
  expect(isReference(image)).toBe(true);
});

test.each([
  "",
  "/x:1",
  "localhost/localhost:1/x:1",
  "Upper/Case",
  "with space",
  "host.example/x@sha256:123",
  "a/../b",
  "x:",
  "https://host.example/x",
])("%j is none, and never reaches Docker", (image) => {
  expect(isReference(image)).toBe(false);
});
