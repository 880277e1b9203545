import { once } from "node:events";
import { userInfo } from "node:os";
import { PassThrough, type Readable } from "node:stream";
import type Docker from "dockerode";
import { cleanedUp } from "../system/clean-up.mjs";
import { ignoring } from "./errors.ts";

export interface Owner {
  clone: string;
  /** Tells programs of commands apart that run side by side. */
  folder: string;
}

/** A program, and all that it is to reach: of this machine's files these alone, and what listens on loopback. */
export interface Confined {
  image: string;
  /** Says whose it is, so that it can be ended by who did not start it: a clone's, at work in one of its folders. */
  owner: Owner;
  argv: string[];
  /** Folder that it starts in. */
  directory: string;
  /** Variables, beside the image's own. */
  environment: NodeJS.ProcessEnv;
  /** Files and folders by their paths inside, each with its path here. */
  readable: Record<string, string>;
  /** Folders that it may write to, at their own paths. */
  writable?: string[];
  /** Whether it is code of ours, which keeps a container's usual rights: root's, where it needs the daemon's socket. */
  trusted?: boolean;
}

/** A confined program that runs. */
export interface RunningConfined {
  stdout: Readable;
  stderr: Readable;
  /** Its exit status, when it and everything that it started have ended. */
  ended: Promise<number>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

const cloneLabel = "azure-ml-scoring.confined";
const folderLabel = "azure-ml-scoring.confined.folder";

/**
 * Starts a program in a container: as this user, without capabilities and without a way to get any. The network is this
 * machine's, since what it needs listens on 127.0.0.1. Docker removes the container when the program ends.
 */
export async function startConfined(docker: Docker, program: Confined): Promise<RunningConfined> {
  const { image, owner, argv, directory, environment, readable, writable = [], trusted = false } = program;
  const { uid, gid } = userInfo();
  const mount = (Source: string, Target: string, ReadOnly: boolean) =>
    ({ Type: "bind", Source, Target, ReadOnly }) as const;
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: argv,
    Cmd: [],
    WorkingDir: directory,
    Env: Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${value}`,
    ),
    Labels: { [cloneLabel]: owner.clone, [folderLabel]: owner.folder },
    AttachStdout: true,
    AttachStderr: true,
    ...(trusted ? {} : { User: `${uid}:${gid}` }),
    HostConfig: {
      AutoRemove: true,
      NetworkMode: "host",
      // A daemon that maps users would map this one to somebody who may read none of the files.
      UsernsMode: "host",
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "" },
      ...(trusted ? {} : { CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] }),
      Mounts: [
        ...writable.map((path) => mount(path, path, false)),
        ...Object.entries(readable).map(([inside, path]) => mount(path, inside, true)),
      ],
    },
  });
  try {
    return await started(docker, container);
  } catch (error) {
    // 409: its removal is under way.
    throw await cleanedUp(error, () => ignoring([404, 409], container.remove({ force: true })));
  }
}

async function started(docker: Docker, container: Docker.Container): Promise<RunningConfined> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const attached = await container.attach({ stream: true, stdout: true, stderr: true });
  docker.modem.demuxStream(attached, stdout, stderr);
  const printed = once(attached, "end").then(() => [stdout, stderr].map((stream) => stream.end()));
  // Asked for before it starts: a removed container can be asked nothing.
  const removed = container.wait({ condition: "removed" });
  const ended = Promise.all([removed, printed]).then(([{ StatusCode }]) => StatusCode as number);
  ended.catch(() => {});
  await container.start();
  const kill = async (signal: NodeJS.Signals) => {
    // 404, 409: ended meanwhile.
    await ignoring([404, 409], container.kill({ signal }));
  };
  return { stdout, stderr, ended, kill };
}

/**
 * Ends and removes confined programs that still run, as after a kill of who started them: those of the folder, or all that the
 * clone has.
 */
export async function endConfined(
  docker: Docker,
  { clone, folder }: Pick<Owner, "clone"> & Partial<Owner>,
): Promise<void> {
  const label = [`${cloneLabel}=${clone}`, ...(folder === undefined ? [] : [`${folderLabel}=${folder}`])];
  const filters = JSON.stringify({ label });
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    const container = docker.getContainer(Id);
    const gone = ignoring([404], container.wait({ condition: "removed" }));
    // 409: its removal is under way.
    await ignoring([404, 409], container.remove({ force: true, v: true }));
    await gone;
  }
}
