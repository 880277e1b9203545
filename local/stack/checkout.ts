import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { paths, repository } from "../system/clone.ts";
import { run } from "../system/command.ts";
import { lastLines } from "../system/errors.ts";
import type { Report } from "../system/report.ts";

/** The files of a commit in a folder of their own. */
export interface Checkout {
  /** Full hash. */
  commit: string;
  folder: string;
}

/** @throws Error naming what is no commit of this repository. */
export async function commitOf(ref: string): Promise<string> {
  const argv = ["rev-parse", "--quiet", "--verify", "--end-of-options", `${ref}^{commit}`];
  const found = await git(argv);
  if (found.status === 0) return found.stdout.trim();
  const why = lastLines(found.output) || "git does not know it";
  throw new Error(
    `--against ${ref}: no commit of this repository (${why}): name a branch, tag or commit, and fetch it first.`,
  );
}

/**
 * Puts a commit's files into the folder, with this clone's packages where both want the same. Of the commit nothing is run: no
 * hook of git's, no script of a package's.
 *
 * @param environment - for npm, where the commit's packages are others.
 */
export async function checkOut(
  commit: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  report: Report,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const archive = `${folder}.tar`;
  try {
    await mustSucceed(git(["archive", "--format=tar", "-o", archive, commit]));
    await mustSucceed(run("tar", ["-xf", archive, "-C", folder]));
  } finally {
    await rm(archive, { force: true });
  }
  if ((await lockOf(folder)) === (await lockOf(repository)))
    return symlink(join(repository, "node_modules"), join(folder, "node_modules"));
  report(`Installing the packages of ${commit.slice(0, 8)}, which are others than this tree's.`);
  await mustSucceed(
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, env: environment }),
  );
}

/** Where the commit that a stack is compared with is put. */
export const checkoutFolder = (stack: string) => join(paths.against, stack);

async function lockOf(folder: string): Promise<string> {
  const file = join(folder, "package-lock.json");
  return existsSync(file) ? readFile(file, "utf8") : "";
}

const git = (argv: string[]) => run("git", argv, { cwd: repository });

async function mustSucceed(ending: ReturnType<typeof run>): Promise<void> {
  const { status, output } = await ending;
  if (status !== 0) throw new Error(lastLines(output));
}
