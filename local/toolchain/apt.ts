import { readFile } from "node:fs/promises";
import { findOnPath, run } from "./command.ts";
import type { Context } from "./context.ts";
import { lastLines, ToolchainError } from "./errors.ts";
import { withProgress } from "./report.ts";

/** `apt-get` of Debian, Ubuntu or what derives from them; undefined on other systems. */
export async function findApt(path: string): Promise<string | undefined> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) ? findOnPath("apt-get", path) : undefined;
}

/** True where packages can be installed without asking anybody. */
export async function isDebianRoot(path: string): Promise<boolean> {
  return process.geteuid?.() === 0 && (await findApt(path)) !== undefined;
}

/**
 * Installs Debian packages, after fetching the package lists where they are missing or too old to be of use.
 *
 * @param what - why, and what: a phrase that a colon may follow.
 */
export async function aptInstall(
  packages: string[],
  what: string,
  { report, path, signal }: Context,
): Promise<void> {
  const apt = (await findApt(path)) ?? "apt-get";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = () => run(apt, ["install", "-y", "--no-install-recommends", ...packages], { env, signal });
  await withProgress(report, what, async () => {
    let done = await install();
    if (done.status !== 0) {
      await run(apt, ["update"], { env, signal });
      done = await install();
    }
    if (done.status !== 0) {
      throw new ToolchainError(
        `\`apt-get install ${packages.join(" ")}\` failed (${lastLines(done.output)}): install it yourself.`,
      );
    }
  });
}
