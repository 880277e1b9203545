import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import { systemCaBundle } from "../net/system-ca-bundle.ts";
import { findOnPath } from "../system/command.ts";
import { ToolchainError } from "../system/errors.ts";
import { words } from "../system/words.ts";
import type { Context } from "./context.ts";
import { hasImage, isAvailable } from "./images.ts";
import { caBundleInside, ensureMadeImage, type Recipe, referenceOf, removeMadeImages } from "./made-image.ts";
import { pythonPrefixes } from "./python-images.ts";

/** What the scoring app's Dockerfile builds on unless told otherwise. */
export const publicBaseImage = "node:26-bookworm-slim";
const prefix = "azure-ml-scoring-base-";

/** What Node, an ONNX Runtime, npm's scripts and TLS need (libc-bin: the locale C.UTF-8), and nothing more. */
const packages = words(`base-files ca-certificates coreutils dash libatomic1 libc-bin libc6 libgcc-s1 libssl3
  libstdc++6 openssl tzdata`);

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
  const recipe = recipeOf(context.path);
  const reference = referenceOf(recipe, cloneTag);
  // While it is there it stays in use: another base would be another image, though nothing was changed.
  if (await hasImage(docker, reference)) return reference;
  if (await isAvailable(docker, publicBaseImage)) return undefined;
  return ensureMadeImage(context, docker, cloneTag, recipe);
}

/** Removes the images that were made for a clone, Python's too; what other clones made of the same content stays. */
export async function removeBaseImage(docker: Docker, cloneTag: string): Promise<void> {
  await removeMadeImages(docker, cloneTag, [prefix, ...pythonPrefixes]);
}

function recipeOf(path: string): Recipe {
  const node = realpathSync(process.execPath);
  const npm = npmFolder(path);
  const caBundle = systemCaBundle();
  // Clones hold the same Node in different places: the cached archive is for all of them.
  const steps = hooks({ node: "node", npm: "npm", caBundle });
  const files = [join(npm, "package.json"), ...(caBundle ? [caBundle] : [])];
  return {
    prefix,
    publicImage: publicBaseImage,
    variant: "extract",
    packages,
    hooks: hooks({ node, npm, caBundle }),
    changes: changes(),
    content: [...steps, ...files.map((file) => readFileSync(file, "utf8"))],
  };
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

function changes(): string[] {
  return [
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `ENV NODE_VERSION=${process.versions.node}`,
    'CMD ["node"]',
    "LABEL azure-ml-scoring.base=local",
  ];
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
