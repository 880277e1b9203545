import { expect, test } from "vitest";
import { isOfLocalRegistry, isReference } from "../../local/docker/image-reference.ts";

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
  "../x:1",
  "./x:1",
  "host..example/x",
  "-host.example/x",
  "x?y=1",
  "x#y",
  "x%2Fy",
  "x:",
  "https://host.example/x",
])("%j is none, and never reaches Docker", (image) => {
  expect(isReference(image)).toBe(false);
});

test("a registry on this machine is told from others", () => {
  expect(isOfLocalRegistry("localhost:5000/app")).toBe(true);
  expect(["localhost/app", "host.example:5000/app", "app:localhost"].filter(isOfLocalRegistry)).toEqual([]);
});
