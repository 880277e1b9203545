import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs a program's npm packages: those of its lock file, where it has one.
 *
 * @param onOutput - told what npm prints as it comes.
 * @throws Error when npm fails.
 */
export async function installPackages(
  directory: string,
  onOutput: (stream: "stdout" | "stderr", data: Buffer) => void,
): Promise<void> {
  const command = existsSync(join(directory, "package-lock.json")) ? "ci" : "install";
  const npm = spawn("npm", [command], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of ["stdout", "stderr"] as const)
    npm[stream].on("data", (data: Buffer) => onOutput(stream, data));
  // Rejects where there is no npm.
  const [status] = await once(npm, "close");
  if (status !== 0) throw new Error(`\`npm ${command}\` failed in ${directory}: exit code ${status}`);
}
