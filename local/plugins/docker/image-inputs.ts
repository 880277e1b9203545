import { isReference } from "../../docker/image-reference.ts";
import { words } from "../../system/words.ts";
import type { CheckResult } from "../plugin.ts";
import { hasUnknown, isObject, type Properties, unknownValue } from "../property-values.ts";
import { contextDigest, readBuildContext } from "./build-context.ts";

/** Inputs of docker.Image, checked and known. */
export interface ImageInputs {
  imageName: string;
  build: {
    context: string;
    dockerfile: string;
    platform: string;
    builderVersion?: "BuilderV1" | "BuilderBuildKit";
    args?: Record<string, string>;
    target?: string;
    network?: string;
    addHosts?: string[];
  };
  registry?: { server?: string; username?: string; password?: string };
  skipPush?: boolean;
  buildOnPreview?: boolean;
}

const known = {
  inputs: words("build buildOnPreview imageName registry skipPush"),
  build: words("addHosts args builderVersion context contextDigest dockerfile network platform target"),
  registry: words("password server username"),
};

/** What @pulumi/docker's Check does: defaults, the digest of the build context, and what it rejects. */
export function checkImage(given: Properties, projectDirectory: string): CheckResult {
  const inputs: Properties = { buildOnPreview: false, skipPush: false, ...given };
  const failures = strangeNames(inputs, known.inputs, "");
  if (isObject(inputs.registry)) failures.push(...strangeNames(inputs.registry, known.registry, "registry."));
  if (inputs.imageName === undefined) failures.push("missing required property 'imageName'");
  else if (typeof inputs.imageName === "string") failures.push(...nameFailures(inputs.imageName, inputs));
  if (inputs.build === unknownValue) return { inputs, failures };
  const givenBuild = inputs.build ?? {};
  if (!isObject(givenBuild)) return { inputs, failures: [...failures, "'build' must be an object"] };
  failures.push(...strangeNames(givenBuild, known.build, "build."));
  const version = givenBuild.builderVersion;
  if (typeof version === "string" && version !== "BuilderV1" && version !== "BuilderBuildKit")
    failures.push(`invalid Docker Builder version "${version}": say "BuilderV1" or "BuilderBuildKit"`);

  const build = withDefaults(givenBuild);
  inputs.build = build;
  if (hasUnknown([build.context!, build.dockerfile!])) return { inputs, failures };
  try {
    build.contextDigest = contextDigest(
      readBuildContext(projectDirectory, String(build.context), String(build.dockerfile)),
    );
  } catch (error) {
    failures.push((error as Error).message);
  }
  return { inputs, failures };
}

function withDefaults(build: Properties): Properties {
  const context = build.context ?? ".";
  const dockerfile =
    build.dockerfile ??
    (context === unknownValue ? unknownValue : `${String(context).replace(/\/$/, "")}/Dockerfile`);
  // As the real provider: the machine's own architecture, whatever the daemon's.
  const platform =
    build.platform ?? `linux/${{ x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch}`;
  return { ...build, context, dockerfile, platform };
}

function strangeNames(object: Properties, names: string[], prefix: string): string[] {
  return Object.keys(object)
    .filter((name) => !names.includes(name))
    .map((name) => `the local docker provider does not know '${prefix}${name}'`);
}

/** Docker must be able to parse the name, and a push needs a registry's host in it. */
function nameFailures(imageName: string, { skipPush, registry }: Properties): string[] {
  if (!isReference(imageName)) return [`imageName "${imageName}": invalid reference format`];
  const hasServer = registry === unknownValue || (isObject(registry) && registry.server !== undefined);
  const [host = "", ...rest] = imageName.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(host) || host === "localhost");
  if (skipPush === true || hasServer || isHost) return [];
  return [`This provider requires all image names to be fully qualified: "${imageName}" names no registry`];
}
