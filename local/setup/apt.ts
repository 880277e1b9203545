import { readFile } from "node:fs/promises";
import { type CommandOptions, type CommandResult, findOnPath, run } from "../system/command.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { withProgress } from "../system/report.ts";
import type { Context } from "./context.ts";

/** `apt-get` of Debian, Ubuntu or what derives from them; undefined on other systems. */
export async function findApt(path: string): Promise<string | undefined> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) ? findOnPath("apt-get", path) : undefined;
}

/** True where packages can be installed without asking anybody. */
export async function isDebianRoot(path: string): Promise<boolean> {
  return process.geteuid?.() === 0 && (await findApt(path)) !== undefined;
}

/** Fetches of the package lists, by apt's path: two at once would end each other, and one a run is enough. */
const updates = new Map<string, Promise<CommandResult>>();

/**
 * Runs `apt-get`; where that fails, once more after fetching the package lists, which may be missing or too old to be
 * of use. Only root may fetch them.
 */
export async function runApt(apt: string, argv: string[], options: CommandOptions): Promise<CommandResult> {
  const first = await run(apt, argv, options);
  if (first.status === 0 || process.geteuid?.() !== 0) return first;
  const { env, signal } = options;
  if (!updates.has(apt)) updates.set(apt, run(apt, ["update"], { env, signal, timeoutSeconds: 120 }));
  await updates.get(apt);
  return run(apt, argv, options);
}

/**
 * Installs Debian packages.
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
  await withProgress(report, what, async () => {
    const done = await runApt(apt, ["install", "-y", "--no-install-recommends", ...packages], {
      env,
      signal,
    });
    if (done.status !== 0) {
      throw new ToolchainError(
        `\`apt-get install ${packages.join(" ")}\` failed (${lastLines(done.output)}): install it yourself.`,
      );
    }
  });
}
