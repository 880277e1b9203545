// Plain JavaScript: prefetch.mjs needs it too, with a Node that may not run TypeScript.
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Tool chain parts that all clones of a user share, whatever their projects are called.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const cacheDirectoryOf = (env) =>
  join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "azure-ml-scoring");
