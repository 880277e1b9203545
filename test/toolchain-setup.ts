import { cacheDirectory, stateDirectory } from "../local/clone.ts";
import { withoutLocalPath } from "../local/environment.ts";
import { prepareToolchain } from "../local/toolchain/prepare.ts";

/** Finds or makes engine, Docker daemon, registry and base image before the first test that needs them. */
export async function setup(): Promise<void> {
  const path = withoutLocalPath(process.env).PATH ?? "";
  await prepareToolchain((line) => console.error(line), { cacheDirectory, stateDirectory, path });
}
