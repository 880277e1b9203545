import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { platformProblem } from "../../local/setup/platform.mjs";
import { findOnPath } from "../../local/system/command.ts";
import { script, temporaryFolder } from "./sandbox.ts";

afterEach(() => vi.unstubAllEnvs());

it("the trial runs on a daemon that can, without a registry, and leaves nothing there", () => {
  const [bin, real] = [temporaryFolder(), findOnPath("docker")];
  // A daemon that is tried, since it says that it is of another platform.
  script(join(bin, "docker"), `[ "$1" = version ] && echo linux/arm64 && exit; exec "${real}" "$@"`);
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
  expect(platformProblem("linux", "arm64")).toBeUndefined();
  const left = execFileSync(real!, ["images", "-q", "azure-ml-scoring-trial"], { encoding: "utf8" });
  expect(left).toBe("");
});
