import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import { ignoring } from "../docker/errors.ts";
import { finished } from "../docker/progress.ts";
import { systemCaBundle } from "../net/system-ca-bundle.ts";
import { findOnPath, run } from "../system/command.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { makeWhole } from "../system/files.ts";
import { withProgress } from "../system/report.ts";
import { words } from "../system/words.ts";
import { aptInstall, isDebianRoot } from "./apt.ts";
import { type Context, inCache } from "./context.ts";
import { hasImage, isAvailable } from "./images.ts";

/** What the scoring app's Dockerfile builds on unless told otherwise. */
const publicImage = "node:24-bookworm-slim";

/** Name of the images made here; each clone has a tag of its own, so that one clone's can be removed. */
const repositoryPrefix = "azure-ml-scoring-base-";

const suite = "bookworm";

/** What Node, an ONNX Runtime, npm's scripts and TLS need (libc-bin: the locale C.UTF-8), and nothing more. */
const packages = words(`base-files ca-certificates coreutils dash libc-bin libc6 libgcc-s1 libssl3 libstdc++6
  openssl tzdata`);

const caBundleInside = "/etc/ssl/certs/ca-certificates.crt";

/** The files that are added to Debian's. */
interface Parts {
  node: string;
  npm: string;
  caBundle: string | undefined;
}

/**
 * What to build the scoring image on, where the public image cannot be had: Debian with this clone's Node and npm.
 *
 * @param cloneTag - names the clone in the image's name.
 * @returns undefined where the daemon holds the public image or can pull it, else a reference of an image it holds.
 * @throws ToolchainError where it cannot be made here.
 */
export async function ensureBaseImage(
  context: Context,
  docker: Docker,
  cloneTag: string,
): Promise<string | undefined> {
  const content = await contentOf(context.path);
  const reference = `${repositoryPrefix}${cloneTag}:${content.hash}`;
  // While it is there it stays in use: another base would be another image, though nothing was changed.
  if (await hasImage(docker, reference)) return reference;
  if (await isAvailable(docker, publicImage)) return undefined;
  if (await takeOver(docker, reference)) return reference;
  const archive = await ensureRootFileSystem(context, content);
  await withProgress(context.report, `Importing ${reference}`, async () => {
    const [repo, tag] = reference.split(":");
    const stream = await docker.importImage(archive, { repo, tag, changes: changes() });
    await finished(docker, stream);
  });
  return reference;
}

/** Names another clone's image of the same content: what was built on it need not be built again. */
async function takeOver(docker: Docker, reference: string): Promise<boolean> {
  const [repo = "", tag] = reference.split(":");
  const filters = JSON.stringify({ reference: [`${repositoryPrefix}*:${tag}`] });
  const [same] = await docker.listImages({ filters });
  if (!same) return false;
  // 404: gone meanwhile, with the clone.
  await ignoring([404], docker.getImage(same.Id).tag({ repo, tag }));
  return hasImage(docker, reference);
}

/** Removes the images that `ensureBaseImage` made for a clone; what other clones made of the same content stays. */
export async function removeBaseImage(docker: Docker, cloneTag: string): Promise<void> {
  const images = await docker.listImages({
    filters: JSON.stringify({ reference: [`${repositoryPrefix}${cloneTag}`] }),
  });
  for (const tag of images.flatMap((image) => image.RepoTags ?? [])) {
    if (tag.startsWith(`${repositoryPrefix}${cloneTag}:`))
      await ignoring([404], docker.getImage(tag).remove());
  }
}

async function contentOf(path: string): Promise<Parts & { hash: string }> {
  const node = realpathSync(process.execPath);
  const npm = npmFolder(path);
  const caBundle = systemCaBundle();
  const parts = { node, npm, caBundle };
  // Clones hold the same Node in different places: the cached archive is for all of them.
  const steps = hooks({ node: "node", npm: "npm", caBundle });
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ suite, packages, steps, changes: changes(), arch: process.arch }));
  hash.update(await readFile(join(npm, "package.json")));
  if (caBundle) hash.update(await readFile(caBundle));
  return { ...parts, hash: hash.digest("hex").slice(0, 12) };
}

/** Folder of the npm on PATH. */
function npmFolder(path: string): string {
  const npm = findOnPath("npm", path);
  const folder = npm && dirname(dirname(realpathSync(npm)));
  if (!folder || !existsSync(join(folder, "bin", "npm-cli.js"))) {
    throw new ToolchainError(
      "There is no npm on PATH whose files can be put into an image: install Node.js with npm (https://nodejs.org).",
    );
  }
  return folder;
}

/** As `docker import --change` takes them: nothing that the scoring image would not want to inherit. */
function changes(): string[] {
  return [
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `ENV NODE_VERSION=${process.versions.node}`,
    'CMD ["node"]',
    "LABEL azure-ml-scoring.base=local",
  ];
}

async function ensureRootFileSystem(context: Context, content: Parts & { hash: string }): Promise<string> {
  const { cacheDirectory, report, signal } = context;
  const archive = join(cacheDirectory, "base-image", `${content.hash}.tar`);
  if (existsSync(archive)) return archive;
  return inCache(context, "base-image", "making a base image", async () => {
    if (existsSync(archive)) return archive;
    const mmdebstrap = await ensureMmdebstrap(context);
    await mkdir(dirname(archive), { recursive: true });
    const what = `${publicImage} cannot be reached: making a base image with Debian's packages`;
    const include = `--include=${packages.join(",")}`;
    await makeWhole(archive, (made) =>
      withProgress(report, what, async () => {
        const argv = ["--variant=extract", "--format=tar", include, ...hooks(content), suite, made];
        const built = await run(mmdebstrap, argv, { signal });
        if (built.status === 0) return;
        throw new ToolchainError(
          `mmdebstrap could not make a base image (${lastLines(built.output)}): make ${publicImage} available to the Docker daemon, or Debian's archive to this machine.`,
        );
      }),
    );
    return archive;
  });
}

async function ensureMmdebstrap(context: Context): Promise<string> {
  const { path } = context;
  const found = findOnPath("mmdebstrap", path);
  if (found) return found;
  if (!(await isDebianRoot(path))) {
    throw new ToolchainError(
      `The Docker daemon cannot pull ${publicImage}, and there is no mmdebstrap to make a base image with: load that image into the daemon (\`docker load\`), or install mmdebstrap.`,
    );
  }
  const what = `${publicImage} cannot be reached: installing mmdebstrap to make a base image`;
  await aptInstall(["mmdebstrap", "debian-archive-keyring"], what, context);
  return findOnPath("mmdebstrap", path) ?? "/usr/bin/mmdebstrap";
}

/** What is added to Debian's files, as mmdebstrap's hooks; `$1` is the new root directory. */
function hooks({ node, npm, caBundle }: Parts): string[] {
  const modules = "/usr/local/lib/node_modules";
  const commands = [
    `mkdir -p "$1/usr/local/bin" "$1/usr/local/etc" "$1${modules}" "$1/etc/ssl/certs" "$1/tmp" "$1/root"`,
    `cp "${node}" "$1/usr/local/bin/node"`,
    `cp -rL "${npm}" "$1${modules}/npm"`,
    `ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"`,
    `ln -s ../lib/node_modules/npm/bin/npx-cli.js "$1/usr/local/bin/npx"`,
    `ln -sf dash "$1/bin/sh"`,
    `chmod 1777 "$1/tmp"`,
    // The names that the official image has: root, and "node", which runs the app.
    `printf 'root:x:0:0:root:/root:/bin/sh\\nnode:x:1000:1000::/home/node:/bin/sh\\n' > "$1/etc/passwd"`,
    `printf 'root:x:0:\\nnode:x:1000:\\n' > "$1/etc/group"`,
    `mkdir -p "$1/home/node" && chown 1000:1000 "$1/home/node"`,
    // For npm alone, in its own configuration: a variable would pass into the scoring image and change its TLS.
    ...(caBundle
      ? [
          `cp -L "${caBundle}" "$1${caBundleInside}"`,
          `echo 'cafile=${caBundleInside}' > "$1/usr/local/etc/npmrc"`,
        ]
      : []),
    `rm -rf "$1/usr/share/doc" "$1/usr/share/man" "$1/usr/share/locale" "$1/var/cache/apt" "$1/var/lib/apt/lists"`,
  ];
  return commands.map((command) => `--extract-hook=${command}`);
}
