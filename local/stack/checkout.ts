import { existsSync } from "node:fs";
import { copyFile, lstat, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { withCleanUp } from "../system/clean-up.mjs";
import { repository } from "../system/clone.ts";
import { run } from "../system/command.ts";
import { lastLines } from "../system/errors.ts";

const LOCK = "package-lock.json";

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
 * Puts a commit's files into the folder. Of the commit nothing is run, and this user's filters do not work for it, but for Git LFS.
 *
 * @param kept - gets copies of the files that are read here: who runs the commit's code may read none where that can write.
 */
export async function checkOut(
  commit: string,
  folder: string,
  kept: { folder: string; names: string[] },
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const archive = `${folder}.tar`;
  const unpack = async () => {
    await mustSucceed(git([...(await withoutFilters()), "archive", "--format=tar", "-o", archive, commit]));
    await mustSucceed(run("tar", ["-xf", archive, "-C", folder]));
  };
  await withCleanUp(unpack, () => rm(archive, { force: true }));
  await rm(kept.folder, { recursive: true, force: true });
  await mkdir(kept.folder, { mode: 0o700 });
  for (const name of [...kept.names, LOCK]) {
    const file = join(folder, name);
    const found = await lstat(file).catch(() => undefined);
    if (found && !found.isFile())
      throw new Error(`${name} of ${commit.slice(0, 8)} is no file, but a link or a folder: it is not read.`);
    if (found) await copyFile(file, join(kept.folder, name));
  }
  await rm(join(folder, "node_modules"), { recursive: true, force: true });
  await mkdir(join(folder, "node_modules"));
}

/** Whether a commit's files want the packages that this clone has. */
export async function wantsSamePackages(folder: string): Promise<boolean> {
  return (await lockOf(folder)) === (await lockOf(repository));
}

/** A commit's attributes choose among the filters in git's settings: one may decrypt what the commit is not to see. */
async function withoutFilters(): Promise<string[]> {
  const { stdout } = await git(["config", "--name-only", "--get-regexp", "^filter\\."]);
  const named = stdout.split("\n").flatMap((key) => /^filter\.(.+)\.\w+$/.exec(key)?.[1] ?? []);
  return [...new Set(named)]
    .filter((name) => name !== "lfs")
    .flatMap((name) => ["smudge=", "process=", "required=false"].map((value) => `filter.${name}.${value}`))
    .flatMap((setting) => ["-c", setting]);
}

async function lockOf(folder: string): Promise<string> {
  const file = join(folder, LOCK);
  return existsSync(file) ? readFile(file, "utf8") : "";
}

const git = (argv: string[]) => run("git", argv, { cwd: repository });

async function mustSucceed(ending: ReturnType<typeof run>): Promise<void> {
  const { status, output } = await ending;
  if (status !== 0) throw new Error(lastLines(output));
}
