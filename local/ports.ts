import { execFile } from "node:child_process";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** A kept port that another process holds. */
export class PortTakenError extends Error {}

/**
 * The ports of one clone: a free one is chosen when a name first asks, and kept in a file, so that URLs survive a
 * restart and clones do not meet.
 */
export class PortBook {
  readonly #file: string;
  #ports: Record<string, number> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param file - JSON file, name → port; made with the first port. */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The port of `name`, e.g. `site/app-scoring-dev`. Whether it is still free shows when somebody listens on it:
   * see `explainListenError`.
   */
  get(name: string): Promise<number> {
    return this.#serially(async () => {
      const ports = await this.#load();
      const kept = ports[name];
      if (kept !== undefined) return kept;
      const taken = new Set(Object.values(ports));
      let port = await freePort();
      while (taken.has(port)) port = await freePort();
      ports[name] = port;
      await this.#save(ports);
      return port;
    });
  }

  /** Forgets the port of `name`. */
  release(name: string): Promise<void> {
    return this.#serially(async () => {
      const ports = await this.#load();
      if (!(name in ports)) return;
      delete ports[name];
      await this.#save(ports);
    });
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #load(): Promise<Record<string, number>> {
    if (this.#ports) return this.#ports;
    try {
      this.#ports = JSON.parse(await readFile(this.#file, "utf8")) as Record<string, number>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      this.#ports = {};
    }
    return this.#ports;
  }

  async #save(ports: Record<string, number>): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeFile(`${this.#file}.new`, `${JSON.stringify(ports, null, 2)}\n`, { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }
}

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Turns a failed `listen` on a kept port into one sentence that names the port's owner. */
export async function explainListenError(error: unknown, name: string, port: number): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return error;
  const owner = await portOwner(port);
  return new PortTakenError(
    `Port ${port}, kept for ${name}, is in use by ${owner}. End that process, or run \`npm run local -- destroy\` and \`up\` for a new port.`,
  );
}

async function portOwner(port: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("ss", ["-Hltnp", `sport = :${port}`]);
    const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout);
    if (match) return `${match[1]} (process ${match[2]})`;
  } catch {
    // `ss` is not everywhere; the sentence does without the name.
  }
  return "another process";
}
