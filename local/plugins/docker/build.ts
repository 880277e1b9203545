import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type Dockerode from "dockerode";
import { splitReference } from "../../docker/image-reference.ts";
import { finished, type ProgressEvent } from "../../docker/progress.ts";
import { contextTar, readBuildContext } from "./build-context.ts";
import type { ImageInputs } from "./image-inputs.ts";
import { nameStages } from "./stages.ts";

const linesInError = 20;
/** What each layer of a push is before it does anything. */
const WAITS = ["Preparing", "Waiting"];

/** Builds and tags the image on the daemon; `onLine` gets each line of the build's output as it comes. */
export async function buildImage(
  docker: Dockerode,
  projectDirectory: string,
  { imageName, build }: ImageInputs,
  onLine: (line: string) => void,
): Promise<void> {
  const daemon = (await docker.version()) as { Os: string; Arch: string; Version: string };
  const platform = `${daemon.Os}/${daemon.Arch}`;
  const isForeign = !`${build.platform}/`.startsWith(`${platform}/`);
  const foreign = `build.platform is ${build.platform}, but this Docker daemon builds ${platform}: use a daemon of that platform (DOCKER_HOST), or set build.platform to "${platform}" where the image need not run elsewhere.`;
  // Another processor's programs may be emulated, another system's never.
  if (isForeign && !build.platform.startsWith(`${daemon.Os}/`)) throw new Error(foreign);
  const context = readBuildContext(projectDirectory, build.context, build.dockerfile);
  // Without a wish, the builder that the daemon itself prefers: Docker 23 and newer say BuildKit.
  const isModern = Number.parseInt(daemon.Version, 10) >= 23;
  const builder = build.builderVersion ?? (isModern ? "BuilderBuildKit" : "BuilderV1");
  const { tar, dockerfileName } = contextTar(context, builder);
  const stream = await docker.buildImage(tar as NodeJS.ReadableStream, {
    t: imageName,
    dockerfile: dockerfileName,
    version: builder === "BuilderV1" ? "1" : "2",
    rm: true,
    forcerm: true,
    ...(isForeign && { platform: build.platform }),
    ...(build.args && { buildargs: build.args }),
    ...(build.target && { target: build.target }),
    ...(build.network && { networkmode: build.network }),
    ...(build.addHosts && { extrahosts: build.addHosts.join(",") }),
  });
  /** One id a stage, which the classic builder tells when the stage is built. */
  const built: string[] = [];
  /** Of the stage under way, the image of the last step that passed. */
  let step: string | undefined;
  try {
    await follow(
      docker,
      stream as Readable,
      "error reading build output",
      onLine,
      ({ aux, stream: text }) => {
        step = /^ ---> ([0-9a-f]{12})$/.exec(text?.trimEnd() ?? "")?.[1] ?? step;
        if (!aux?.ID) return;
        built.push(aux.ID);
        step = undefined;
      },
    );
  } catch (error) {
    // What the build left is named as well as may be: its own failure is the one to tell of.
    await nameStages(docker, imageName, [...built, ...(step ? [step] : [])]).catch((failure: Error) =>
      onLine(failure.message),
    );
    throw isForeign ? new Error(`${(error as Error).message}\n${foreign}`, { cause: error }) : error;
  }
  // The last one is the image itself.
  await nameStages(docker, imageName, built.slice(0, -1));
}

/**
 * Pushes the image with these credentials and no others.
 *
 * @returns the digest that the registry has it under, `sha256:…`.
 */
export async function pushImage(
  docker: Dockerode,
  { imageName, registry }: ImageInputs,
  onLine: (line: string) => void,
): Promise<string> {
  const { username, password } = registry ?? {};
  if (!username || !password)
    throw new Error(
      `${imageName} cannot be pushed: registry.username and registry.password are both needed; the local docker provider does not look into this machine's Docker configuration.`,
    );
  const { repository, tag } = splitReference(imageName);
  const stream = await docker.getImage(repository).push({
    tag,
    authconfig: { username, password, serveraddress: registry?.server ?? repository.split("/")[0]! },
  });
  let digest: string | undefined;
  await follow(docker, stream as Readable, "error reading push output", onLine, ({ aux }) => {
    digest = aux?.Digest ?? digest;
  });
  if (!digest) throw new Error(`${imageName} was pushed, but the daemon named no digest.`);
  return digest;
}

async function follow(
  docker: Dockerode,
  stream: Readable,
  what: string,
  onLine: (line: string) => void,
  onEvent: (event: ProgressEvent) => void = () => {},
): Promise<void> {
  const last: string[] = [];
  let failure: string | undefined;
  const tell = (text: string) => {
    for (const line of stripVTControlCharacters(text).split(/[\r\n]+/)) {
      if (line.trim() === "") continue;
      last.push(line);
      if (last.length > linesInError) last.shift();
      onLine(line);
    }
  };
  await finished(docker, stream, (event) => {
    failure = event.errorDetail?.message ?? event.error ?? failure;
    // A progress bar's steps are no lines of the log; that a layer is done is one.
    if (event.stream) tell(event.stream);
    else if (event.status && !event.progress && !WAITS.includes(event.status))
      tell(event.id ? `${event.id}: ${event.status}` : event.status);
    onEvent(event);
  });
  if (failure !== undefined) throw new Error([`${what}: ${failure}`, ...last].join("\n"));
}
