import { posix } from "node:path";
import type Dockerode from "dockerode";
import { splitReference } from "../../docker/image-reference.ts";
import { difference } from "../difference.ts";
import { type CreateRequest, type EngineLog, known, type Plugin } from "../plugin.ts";
import { hasUnknown, isObject, type Properties, secret } from "../property-values.ts";
import { buildImage, pushImage } from "./build.ts";
import { refusal } from "./guard.ts";
import { checkImage, type ImageInputs } from "./image-inputs.ts";
import { idOf, removeReplaced } from "./replaced-image.ts";

export interface DockerPluginOptions {
  docker: Dockerode;
  /** Folder of Pulumi.yaml, which `build.context` and `build.dockerfile` are relative to. */
  projectDirectory: string;
  /** Build arguments beside the image's own, by which a build reaches the network; daemon and image do not keep them. */
  buildProxies?: Record<string, string>;
  /** Whether others may reach it who are not to get this user's files or image names: see `refusal`. */
  guarded?: boolean;
}

const imageType = "docker:index/image:Image";
const types = { [imageType]: checkImage };

/** @pulumi/docker's Image: built by the daemon, pushed with the given credentials. */
export function dockerPlugin(
  { docker, projectDirectory, buildProxies = {}, guarded = false }: DockerPluginOptions,
  engine: EngineLog,
): Plugin {
  const refused = (inputs: Properties) => (guarded ? refusal(inputs, projectDirectory) : undefined);

  /** Builds and pushes; a preview builds at most. */
  async function make({ urn, inputs, preview }: CreateRequest): Promise<Properties> {
    if (preview && inputs.buildOnPreview !== true) return inputs;
    if (preview && hasUnknown([inputs.imageName!, inputs.build!])) {
      engine.warning(
        urn,
        "Minimum inputs for build are unresolved. Continuing without preview image build...",
      );
      return inputs;
    }
    if (hasUnknown(inputs) && !preview) throw new Error(`${urn}: an input is not known`);
    // Whoever calls this need not have called `check`.
    const why = refused(inputs);
    if (why) throw new Error(why);
    const image = inputs as unknown as ImageInputs;
    const status = (line: string) => engine.status(urn, line);
    const replaced = await idOf(docker, image.imageName);
    await buildImage(docker, projectDirectory, withArguments(image, buildProxies), status);
    if (replaced) await removeReplaced(docker, image.imageName, replaced);
    const outputs = { ...knownOutputs(inputs), __inputs: secret(inputs) };
    if (preview) return outputs;
    if (image.skipPush)
      return { ...outputs, repoDigest: (await docker.getImage(image.imageName).inspect()).Id };
    const digest = await pushImage(docker, image, status);
    const repoDigest = `${splitReference(image.imageName).repository}@${digest}`;
    engine.info(urn, `Pushed ${repoDigest}`);
    return { ...outputs, repoDigest };
  }

  return {
    configure(settings) {
      const strange = Object.keys(settings).filter((name) => name !== "version");
      if (strange.length > 0)
        throw new Error(
          `The local docker provider does not know the setting docker:${strange.join(", docker:")}: it uses the daemon that local Azure uses (DOCKER_HOST), and credentials from the Image alone.`,
        );
    },
    async check({ type, inputs }) {
      const check = known("docker", types, type);
      const why = refused(inputs);
      return why ? { inputs, failures: [why] } : check(inputs, projectDirectory);
    },
    async diff({ oldInputs, oldOutputs, inputs }) {
      // An older stand-in kept no inputs in the outputs.
      const before = isObject(oldOutputs.__inputs) ? oldOutputs.__inputs : oldInputs;
      const found = difference(withoutCredentials(before), withoutCredentials(inputs));
      // As the real provider: by top-level property, against outputs that have neither `build` nor `registry`.
      const kinds = new Map(
        found.map(({ property, path, kind }) => [property, path === property ? kind : "update"] as const),
      );
      const changes = [...kinds].map(([property, kind]) => ({ property, path: property, kind }));
      return { changes, replaces: [], deleteBeforeReplace: false, inputDiff: false };
    },
    async create(request) {
      const outputs = await make(request);
      return { id: request.preview ? "" : String(request.inputs.imageName), outputs };
    },
    async read({ id, inputs, outputs }) {
      if (Object.keys(outputs).length === 0) throw new Error(`${imageType} '${id}' cannot be imported`);
      // What an older stand-in made: the real provider needs its inputs to take it over.
      if (outputs.__inputs === undefined)
        return { id, inputs, outputs: { ...outputs, __inputs: secret(inputs) } };
      return "unchanged";
    },
    update: make,
    // As the real provider: tags stay, in the daemon and in the registry.
    async delete() {},
  };
}

/** The image to build with these build arguments; its own take precedence. */
function withArguments(image: ImageInputs, args: Record<string, string>): ImageInputs {
  return { ...image, build: { ...image.build, args: { ...args, ...image.build.args } } };
}

/** A rotated password is no reason to build: of `registry` only the server counts. */
function withoutCredentials(inputs: Properties): Properties {
  const { registry, ...others } = inputs;
  if (!isObject(registry)) return others;
  return registry.server === undefined ? others : { ...others, registry: { server: registry.server } };
}

function knownOutputs({ imageName, build, registry }: Properties): Properties {
  const { context, dockerfile, platform } = isObject(build) ? build : {};
  const isKnown = typeof context === "string" && typeof dockerfile === "string";
  return {
    ...(imageName !== undefined && { imageName, baseImageName: imageName }),
    ...(context !== undefined && { context }),
    ...(isKnown && { dockerfile: posix.relative(context, dockerfile) }),
    ...(platform !== undefined && { platform }),
    registryServer: isObject(registry) ? (registry.server ?? "") : (registry ?? ""),
  };
}
