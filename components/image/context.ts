import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { File } from "./model/files";

/** A file of the build context: one that is there, or a text. */
export type Piece = File | { path: string; text: string };

/**
 * Makes a build context of these files and no others. What has not changed stays as it is. A file that everybody may read is
 * linked, so that a large model is on the disk once; another is copied with the modes that git knows, which are the same on
 * every machine.
 * @param folder that holds nothing else
 */
export function stage(folder: string, pieces: Piece[]): void {
  const wanted = new Set(pieces.map(({ path }) => path));
  const folders = new Set([...wanted].flatMap(parents));
  mkdirSync(folder, { recursive: true });
  for (const { path, isFolder } of entriesOf(folder)) {
    if (isFolder ? !folders.has(path) : !wanted.has(path)) remove(join(folder, path));
  }
  for (const path of folders) {
    mkdirSync(join(folder, path), { recursive: true });
    chmodSync(join(folder, path), 0o755);
  }
  for (const piece of pieces) {
    const target = join(folder, piece.path);
    if ("text" in piece) write(target, piece.text);
    else put(target, piece.source);
  }
}

/** Folders that a path is in: a, a/b. */
function parents(path: string): string[] {
  const names = dirname(path).split("/");
  return names[0] === "." ? [] : names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function entriesOf(root: string): { path: string; isFolder: boolean }[] {
  const entries: { path: string; isFolder: boolean }[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      entries.push({ path, isFolder: entry.isDirectory() });
      if (entry.isDirectory()) visit(path);
    }
  };
  visit("");
  return entries;
}

const remove = (path: string) => rmSync(path, { recursive: true, force: true });

function stats(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function write(target: string, text: string): void {
  const there = stats(target);
  if (there?.isFile() && isCopy(there, 0o644) && readFileSync(target, "utf8") === text) return;
  remove(target);
  writeFileSync(target, text);
  chmodSync(target, 0o644);
}

const modeOf = ({ mode }: Stats) => mode & 0o777;
/** A copy of ours, which no link to it has given another mode. */
const isCopy = (there: Stats, mode: number) => there.nlink === 1 && modeOf(there) === mode;

function put(target: string, source: string): void {
  const [from, there] = [statSync(source), stats(target)];
  const mode = from.mode & 0o100 ? 0o755 : 0o644;
  const isPlain = modeOf(from) === mode;
  if (there && isPlain && there.ino === from.ino && there.dev === from.dev) return;
  const isSame = there?.isFile() && there.size === from.size && Math.abs(there.mtimeMs - from.mtimeMs) < 0.01;
  if (there && isSame && isCopy(there, mode)) return;
  remove(target);
  if (isPlain && linked(source, target)) return;
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, mode);
  utimesSync(target, from.atimeMs / 1000, from.mtimeMs / 1000);
}

/** False where the two are on different disks, or the disk or its owner allows no links. Another preview may be as far. */
function linked(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return true;
    if (["EXDEV", "EPERM", "ENOTSUP", "EMLINK"].includes((error as NodeJS.ErrnoException).code ?? ""))
      return false;
    throw error;
  }
}
