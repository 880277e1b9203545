import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readJson, writeFileAtomically } from "../../../system/files.ts";
import { endProcess, startOf } from "../../../system/processes.ts";

/** A socket's path has at most 104 bytes on macOS, 108 on Linux. */
const longestSocketPath = 100;
const startSeconds = 30;
const restartMilliseconds = 1000;

/** One process of CNCF Distribution, which listens on a socket that only this user can reach. */
export class Distribution {
  readonly #binary: string;
  readonly #directory: string;
  readonly #log: (line: string) => void;
  #child: ChildProcess | undefined;
  #launching: Promise<void> | undefined;
  #ended: Promise<string> | undefined;
  #socket = "";
  #stopped = false;
  #restart: NodeJS.Timeout | undefined;
  #lastLines = "";

  /** @param directory - for configuration, data and socket; of this registry alone. */
  constructor(binary: string, directory: string, log: (line: string) => void) {
    this.#binary = binary;
    this.#directory = directory;
    this.#log = log;
  }

  /** Path of the socket. */
  get socket(): string {
    return this.#socket;
  }

  /** Process id, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it takes requests. @throws Error with its last words when it does not start. */
  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    this.#launching = this.#launch();
    await this.#launching;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    // One under way has a process that is not written down yet; whoever began it hears of its failure.
    await Promise.allSettled([this.#launching]);
    // The file that names the process may be gone with its folder.
    this.#child?.kill("SIGTERM");
    await endLeftover(this.#directory);
    await this.#ended;
  }

  async #launch(): Promise<void> {
    await endLeftover(this.#directory);
    const sockets = await socketDirectory(this.#directory);
    this.#socket = join(sockets, "registry.sock");
    const config = join(this.#directory, "config.yml");
    await writeFileAtomically(config, JSON.stringify(configuration(this.#directory, this.#socket), null, 2));
    this.#lastLines = "";
    const child = spawn(this.#binary, ["serve", config], {
      cwd: this.#directory,
      // Nothing of ours: REGISTRY_* variables would override the configuration.
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: "none" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#lastLines = `${this.#lastLines}${chunk.toString()}`.slice(-2000);
    });
    const ended = once(child, "exit").then(
      ([status, signal]) => `it ended (${signal ?? `exit code ${status}`})`,
      (error: Error) => error.message,
    );
    this.#ended = ended;
    const { pid } = child;
    const started = pid === undefined ? undefined : await startOf(pid);
    await writeFileAtomically(processFile(this.#directory), JSON.stringify({ pid, started, sockets }));
    const failure = await this.#answers(ended);
    if (failure !== undefined) {
      await endLeftover(this.#directory);
      throw new Error(
        `The registry's process ${this.#binary} did not start: ${failure}. ${this.#lastLines}`.trim(),
      );
    }
    void ended.then((reason) => this.#restartAfter(reason));
  }

  /** Resolves with nothing when the socket takes connections, with a reason when it does not. */
  async #answers(ended: Promise<string>): Promise<string | undefined> {
    const deadline = Date.now() + startSeconds * 1000;
    while (Date.now() < deadline) {
      if (await canConnect(this.#socket)) return undefined;
      if (this.#stopped) return "it was stopped";
      const reason = await Promise.race([ended, delay(25, undefined)]);
      if (reason !== undefined) return reason;
    }
    return `it did not listen within ${startSeconds} s`;
  }

  #restartAfter(reason: string): void {
    if (this.#stopped) return;
    this.#log(`The registry in ${this.#directory}: ${reason}; starting it again. ${this.#lastLines}`.trim());
    this.#restart = setTimeout(() => {
      this.#launching = this.#launch();
      this.#launching.catch((error: Error) => this.#restartAfter(error.message));
    }, restartMilliseconds);
  }
}

function configuration(directory: string, socket: string): unknown {
  return {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(directory, "data") },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
    },
    // Relative URLs: clients stay at the address that they know, the front's.
    http: { net: "unix", addr: socket, relativeurls: true },
  };
}

function processFile(directory: string): string {
  return join(directory, "process.json");
}

/** Where the socket is: in `directory` if its path is short enough, else in a new folder whose path always is. */
async function socketDirectory(directory: string): Promise<string> {
  const own = join(directory, "run");
  if (Buffer.byteLength(join(own, "registry.sock")) > longestSocketPath) {
    return mkdtemp("/tmp/azure-ml-scoring-");
  }
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { mode: 0o700 });
  return own;
}

/** Ends the process that an earlier one of ours left behind (killed, or the machine lost power), if it still is that. */
export async function endLeftover(directory: string): Promise<void> {
  const left = await readJson<{ pid?: number; started?: string; sockets: string }>(processFile(directory));
  if (!left) return;
  const { pid, started, sockets } = left;
  if (pid !== undefined && started !== undefined) await endProcess(pid, started, 10);
  await rm(sockets, { recursive: true, force: true });
  await rm(processFile(directory), { force: true });
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
