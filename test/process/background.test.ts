import { expect, test } from "vitest";
import { isBackground, isRegistry } from "../../local/process/background.ts";
import { repository, stateDirectory } from "../../local/system/clone.ts";

const script = `${repository}/local/process/main.ts`;
const config = `${stateDirectory}/azure/registries/name/config.yml`;

test.each([
  ["the background process", ["/usr/bin/node", script, "{}"], true, false],
  ["a registry", ["/usr/bin/docker-registry", "serve", config], false, true],
  ["an editor", ["vim", script], false, false],
  ["a type check", ["node", "/usr/bin/tsc", script], false, false],
  ["another clone's background process", ["node", `/elsewhere${script}`], false, false],
  ["one that follows a registry's file", ["tail", "-f", config], false, false],
  [
    "one that reads two",
    ["cat", "serve", `${stateDirectory}/azure/registries/name/data/config.yml`],
    false,
    false,
  ],
])("%s is ended where it is forgotten, if it is this clone's", (_, argv, background, registry) => {
  expect([argv.some(isBackground), argv.some(isRegistry)]).toEqual([background, registry]);
});
