import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { programError } from "../arguments/errors";
import { REGISTRY_CHECKS, type RegistryAccess, type RegistryArgs } from "./registry";

export interface ImageArgs extends RegistryArgs {
  /** Image to build on; by default what scoring-app/Dockerfile says. */
  baseImage?: pulumi.Input<string>;
}

export const IMAGE_CHECKS: Checks<ImageArgs> = {
  ...REGISTRY_CHECKS,
  baseImage: { check: imageReference },
};

export type ScoringImageArgs = Pick<ImageArgs, "baseImage"> & RegistryAccess;

/** App Service runs x86-64 containers only; the default would be the architecture of the machine that deploys. */
const PLATFORM = "linux/amd64";
/** Both the folder that is built and the image's repository. */
const APP = "scoring-app";

/** The scoring image: built from the folder scoring-app and pushed to the registry, to be pulled by its digest. */
export class ScoringImage extends pulumi.ComponentResource {
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: ScoringImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("scoring:image:ScoringImage", name, {}, opts);

    const repository = pulumi.interpolate`${args.loginServer}/${APP}`;
    const { username, password } = pulumi.output(args.credentials);

    const image = new docker.Image(
      name,
      {
        // The tag only names the newest build for people; what runs is pulled by digest.
        imageName: pulumi.interpolate`${repository}:latest`,
        build: {
          context: APP,
          dockerfile: `${APP}/Dockerfile`,
          platform: PLATFORM,
          ...(args.baseImage && { args: { BASE_IMAGE: args.baseImage } }),
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

function imageReference(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9._/:-]*(@sha256:[0-9a-f]{64})?$/.test(text)) return text;
  throw new Error("use an image reference such as node:24-bookworm-slim or HOST/REPOSITORY:TAG");
}

/** The provider takes the digest from the Docker daemon, which may know none, or one of another registry. */
function checkedReference(digest: string | undefined, repository: string, resource: pulumi.Resource): string {
  if (digest?.startsWith(`${repository}@sha256:`)) return digest;
  const found = digest ? `the digest ${digest}` : "no digest";
  const remedy = "remove this image from the Docker daemon (docker image rm) and run `pulumi up` again";
  throw programError(`The pushed image has ${found}, not one of ${repository}: ${remedy}`, resource);
}
