import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { programError } from "../arguments/errors";
import { APP, type Build, type Given, stagedBuild } from "./build";
import { imageReference, MODEL_CHECKS, type ModelArgs } from "./model/arguments";
import { DEFAULT_MODEL } from "./model/contents";
import { REGISTRY_CHECKS, type RegistryAccess, type RegistryArgs } from "./registry";

export interface ImageArgs extends RegistryArgs, ModelArgs {
  /** Image with Node to build on; by default what scoring-app/Dockerfile says. */
  baseImage?: pulumi.Input<string>;
}

export const IMAGE_CHECKS: Checks<ImageArgs> = {
  ...REGISTRY_CHECKS,
  ...MODEL_CHECKS,
  baseImage: { check: imageReference },
};

export type ScoringImageArgs = Pick<ImageArgs, "baseImage"> & ModelArgs & RegistryAccess;

/** App Service runs x86-64 containers only; the default would be the architecture of the machine that deploys. */
const PLATFORM = "linux/amd64";
/** Where what is built is put together; git ignores it. */
const STAGED = ".image";

/** The scoring image: the folder scoring-app with a model, built and pushed to the registry, to be pulled by its digest. */
export class ScoringImage extends pulumi.ComponentResource {
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: ScoringImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:image:ScoringImage", name, {}, opts);

    const repository = pulumi.interpolate`${args.loginServer}/${APP}`;
    const { username, password } = pulumi.output(args.credentials);

    const { model, entryScript, modelFolder, systemPackages, pythonImage, pythonBuildImage } = args;
    const build = pulumi
      .output({ model, entryScript, modelFolder, systemPackages, pythonImage, pythonBuildImage })
      .apply((given) => staged(`${STAGED}/${pulumi.getStack()}/${name}`, given, this));
    const base = args.baseImage && { BASE_IMAGE: args.baseImage };

    const image = new docker.Image(
      name,
      {
        // The tag only names the newest build for people; what runs is pulled by digest.
        imageName: pulumi.interpolate`${repository}:latest`,
        build: {
          context: build.context,
          dockerfile: build.dockerfile,
          platform: PLATFORM,
          args: build.args.apply((known) => nonEmpty({ ...known, ...base })),
        },
        registry: { server: args.loginServer, username, password },
      },
      { parent: this },
    );

    this.reference = pulumi
      .all([image.repoDigest, repository])
      .apply(([digest, expected]) => checkedReference(digest, expected, this));
    this.registerOutputs({ reference: this.reference });
  }
}

function staged(folder: string, given: Given, resource: pulumi.Resource): Build {
  try {
    const build = stagedBuild(folder, given);
    // Not by the build, which says nothing where Docker's cache has the layer.
    if (build.notices.length > 0) void pulumi.log.info(build.notices.join("\n"), resource);
    return build;
  } catch (error) {
    const named = JSON.stringify(given.model ?? DEFAULT_MODEL);
    throw programError(`image.model is ${named}: ${(error as Error).message}`, resource);
  }
}

const nonEmpty = <T extends object>(map: T): T | undefined => (Object.keys(map).length > 0 ? map : undefined);

/** The provider takes the digest from the Docker daemon, which may know none, or one of another registry. */
function checkedReference(digest: string | undefined, repository: string, resource: pulumi.Resource): string {
  if (digest?.startsWith(`${repository}@sha256:`)) return digest;
  const found = digest ? `the digest ${digest}` : "no digest";
  const remedy = "remove this image from the Docker daemon (docker image rm) and run `pulumi up` again";
  throw programError(`The pushed image has ${found}, not one of ${repository}: ${remedy}`, resource);
}
