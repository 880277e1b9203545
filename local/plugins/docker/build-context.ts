import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import dockerignore, { type Ignore } from "@balena/dockerignore";
import tarFs from "tar-fs";

// The package's declarations say `export default`; its code says module.exports.
const ignoreRules = dockerignore as unknown as (options: { ignorecase: boolean }) => Ignore;

export interface BuildContext {
  /** Absolute path of the context's folder. */
  directory: string;
  dockerfilePath: string;
  dockerfile: Buffer;
  /** Text of the ignore file in force; empty where there is none. */
  ignoreText: string;
  /** What is not ignored, as slash paths relative to the folder, in walk order. */
  files: { path: string; stats: Stats }[];
  /** Folders that are not ignored, or hold something that is not. */
  directories: Set<string>;
}

/**
 * Reads a build context.
 *
 * @param context - relative to `projectDirectory`.
 * @param dockerfile - relative to `projectDirectory`, not to the context.
 * @throws where the context is no folder or the Dockerfile is not there.
 */
export function readBuildContext(
  projectDirectory: string,
  context: string,
  dockerfile: string,
): BuildContext {
  const directory = resolve(projectDirectory, context);
  if (!existsSync(directory) || !lstatSync(realpathSync(directory)).isDirectory())
    throw new Error(
      `could not open the build context at "${context}": there is no such folder in ${projectDirectory}`,
    );
  const dockerfilePath = resolve(projectDirectory, dockerfile);
  if (!existsSync(dockerfilePath)) throw new Error(missingDockerfile(projectDirectory, context, dockerfile));
  const ignoreFile = [`${dockerfilePath}.dockerignore`, join(directory, ".dockerignore")].find(existsSync);
  const ignoreText = ignoreFile ? readFileSync(ignoreFile, "utf8") : "";
  const dockerfileText = readFileSync(dockerfilePath);
  return {
    directory,
    dockerfilePath,
    dockerfile: dockerfileText,
    ignoreText,
    ...walk(directory, ignoreText),
  };
}

function missingDockerfile(projectDirectory: string, context: string, dockerfile: string): string {
  if (dockerfile.startsWith("/")) return `expected a relative Dockerfile path; got "${dockerfile}"`;
  const inContext = join(context, dockerfile);
  const hint = existsSync(resolve(projectDirectory, inContext))
    ? ` Try setting \`dockerfile\` to "${inContext}"`
    : "";
  return `could not open dockerfile at relative path "${dockerfile}": no such file in ${projectDirectory}.${hint}`;
}

function walk(root: string, ignoreText: string): Pick<BuildContext, "files" | "directories"> {
  const rules = ignoreRules({ ignorecase: false }).add(ignoreText);
  const exceptions = ignoreText
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith("!"))
    .map((line) => `${line.slice(1).trim().replace(/^\//, "")}/`);
  const files: BuildContext["files"] = [];
  const directories = new Set<string>();
  const visit = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort(byBytes)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const stats = lstatSync(join(root, path));
      const isIgnored = rules.ignores(path);
      if (stats.isDirectory()) {
        if (!isIgnored) directories.add(path);
        // As Docker does: an ignored folder is entered only where an exception names something in it.
        if (!isIgnored || exceptions.some((exception) => exception.startsWith(`${path}/`))) visit(path);
      } else if (!isIgnored && (stats.isFile() || stats.isSymbolicLink())) {
        files.push({ path, stats });
        for (let parent = folder; parent !== ""; parent = parent.split("/").slice(0, -1).join("/"))
          directories.add(parent);
      }
    }
  };
  visit("");
  return { files, directories };
}

/** Go's order of texts, in which the published plugin walks; JavaScript's own is another beyond U+FFFF. */
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * The digest that @pulumi/docker keeps as build.contextDigest: of the Dockerfile under a fixed name, then of each file
 * that is not ignored (path, mode, content). Times and owners do not count; the target's path stands for a symlink.
 */
export function contextDigest({ directory, dockerfile, files }: BuildContext): string {
  const whole = createHash("sha256");
  const add = (path: string, mode: string, content: Hash) => {
    whole.update(`${path}${mode}`).update(content.digest()).update("\0");
  };
  const hashOf = (text: Buffer | string) => createHash("sha256").update(text);
  add("Dockerfile", "----------", hashOf(dockerfile));
  for (const { path, stats } of files) {
    const file = join(directory, path);
    if (stats.isSymbolicLink()) {
      // A dangling link is no error: it is what will be in the image.
      const target = existsSync(file) ? relative(realpathSync(directory), realpathSync(file)) : "";
      add(path, goFileMode(stats), hashOf(target));
    } else add(path, goFileMode(stats), hashOfFile(file));
  }
  return whole.digest("hex");
}

/** Piece by piece: a model may be larger than what Node reads at once, or memory holds. */
function hashOfFile(path: string): Hash {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let size = 1; size > 0; ) {
      size = readSync(file, piece);
      hash.update(piece.subarray(0, size));
    }
  } finally {
    closeSync(file);
  }
  return hash;
}

/** As Go's fs.FileMode prints it, e.g. `-rw-r--r--` or `Lrwxrwxrwx`. */
function goFileMode(stats: Stats): string {
  const bits = [..."rwxrwxrwx"].map((letter, index) => (stats.mode & (1 << (8 - index)) ? letter : "-"));
  return (stats.isSymbolicLink() ? "L" : "-") + bits.join("");
}

/**
 * A tar of what is not ignored, and of the Dockerfile, which may be ignored or lie elsewhere: it is then added under a
 * name of its own, as the docker command does. The classic builder leaves what is added out of COPY, as the added ignore
 * file tells it; BuildKit takes a tar as it comes, so that there `COPY .` copies an added Dockerfile too.
 */
export function contextTar(
  context: BuildContext,
  builder: "BuilderV1" | "BuilderBuildKit",
): { tar: Readable; dockerfileName: string } {
  const included = new Set([...context.files.map(({ path }) => path), ...context.directories]);
  const ownName = relative(context.directory, context.dockerfilePath);
  const hash = createHash("sha256").update(context.dockerfile).digest("hex").slice(0, 20);
  const dockerfileName = included.has(ownName) ? ownName : `.dockerfile.${hash}`;
  const isClassic = builder === "BuilderV1";
  // Modes as they are in the folder, whatever this process gives its own files; the types do not know this option.
  const modes: tarFs.PackOptions & { umask: number } = { umask: 0 };
  const tar = tarFs.pack(context.directory, {
    ...modes,
    ignore: (name) => {
      const path = relative(context.directory, name);
      return path !== "" && ((isClassic && path === ".dockerignore") || !included.has(path));
    },
    // Owners and times differ from machine to machine and mean nothing in an image.
    map: (header) => ({ ...header, uid: 0, gid: 0, mtime: new Date(0) }),
    finalize: false,
    finish: (pack) => {
      const added = dockerfileName === ownName ? [] : [dockerfileName];
      if (added.length > 0) pack.entry({ name: dockerfileName }, context.dockerfile);
      if (isClassic && !included.has(".dockerignore")) added.push(".dockerignore");
      if (isClassic) pack.entry({ name: ".dockerignore" }, [context.ignoreText, ...added, ""].join("\n"));
      pack.finalize();
    },
  });
  return { tar: tar as unknown as Readable, dockerfileName };
}
