import { readFileSync } from "node:fs";
import type Docker from "dockerode";
import { systemCaBundle } from "../net/system-ca-bundle.ts";
import { words } from "../system/words.ts";
import type { Context } from "./context.ts";
import { hasImage } from "./images.ts";
import { caBundleInside, ensureMadeImage, type Recipe, referenceOf } from "./made-image.ts";

/** What a Python package or an MLflow model runs on, and is built on, where public images cannot be had. */
export interface PythonImages {
  pythonImage: string;
  pythonBuildImage: string;
}

/** Debian's Python, and what the public image has that packages with C code need. */
const run = words("ca-certificates libatomic1 libgomp1 libstdc++6 python3 tzdata");
/** Those with source alone are compiled. */
const build = words("g++ gcc libc6-dev make python3-dev python3-pip python3-venv");

const prefixes = { run: "azure-ml-scoring-python-", build: "azure-ml-scoring-python-build-" };
export const pythonPrefixes = Object.values(prefixes);

const changes = [
  "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "LABEL azure-ml-scoring.base=local",
];

/** As the public images do without: a quarter of the size. */
const slim = words("doc info locale man").map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);

/**
 * The two images, made of Debian's packages.
 *
 * @param wanted - makes them where they are not there, which takes a minute or two.
 * @returns undefined where they are neither there nor wanted.
 * @throws ToolchainError where they cannot be made here.
 */
export async function ensurePythonImages(
  context: Context,
  docker: Docker,
  cloneTag: string,
  wanted: boolean,
): Promise<PythonImages | undefined> {
  const recipes = [runRecipe(), buildRecipe()];
  const there = await Promise.all(recipes.map((recipe) => hasImage(docker, referenceOf(recipe, cloneTag))));
  if (!wanted && there.includes(false)) return undefined;
  const made: string[] = [];
  for (const recipe of recipes) made.push(await ensureMadeImage(context, docker, cloneTag, recipe));
  const [pythonImage = "", pythonBuildImage = ""] = made;
  return { pythonImage, pythonBuildImage };
}

function runRecipe(): Recipe {
  const publicImage = "python:3.11-slim-bookworm";
  // A system that apt can add packages to, as the public image is: for the setting systemPackages.
  return {
    prefix: prefixes.run,
    publicImage,
    variant: "apt",
    packages: run,
    hooks: slim,
    changes,
    content: slim,
  };
}

/** Its certificates, which may hold those of a proxy that reads TLS, are for pip, and stay in the stage that installs. */
function buildRecipe(): Recipe {
  const caBundle = systemCaBundle();
  const config = `printf '[global]\\ncert = ${caBundleInside}\\n' > "$1/etc/pip.conf"`;
  const commands = caBundle ? [`cp -L "${caBundle}" "$1${caBundleInside}"`, config] : [];
  return {
    ...runRecipe(),
    prefix: prefixes.build,
    publicImage: "python:3.11-bookworm",
    packages: [...run, ...build],
    hooks: [...slim, ...commands.map((command) => `--customize-hook=${command}`)],
    content: [...slim, ...(caBundle ? [...commands, readFileSync(caBundle, "utf8")] : [])],
  };
}
