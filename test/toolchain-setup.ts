import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { withoutLocalPath } from "../local/cli/environment.ts";
import { removeBaseImage } from "../local/setup/base-image.ts";
import { dockerClient } from "../local/setup/docker.ts";
import { cloneTag, prepareToolchain } from "../local/setup/prepare.ts";
import { cacheDirectory, stateDirectory } from "../local/system/clone.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Absolute path of CNCF Distribution. */
    registryBinary: string;
  }
}

/**
 * Finds or makes engine, Docker daemon, registry and base image before the first test that needs them.
 *
 * @returns what removes the base image again, which is not the one that a stack of this clone is built on.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const path = withoutLocalPath(process.env).PATH ?? "";
  const own = join(stateDirectory, "tests");
  const report = (line: string) => console.error(line);
  const { dockerHost, registry } = await prepareToolchain(report, {
    cacheDirectory,
    stateDirectory: own,
    path,
  });
  project.provide("registryBinary", registry);
  return () => removeBaseImage(dockerClient({ host: dockerHost }), cloneTag(own));
}
