import { randomInt } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { readJson, writeFileAtomically } from "../system/files.ts";
import { serialQueue } from "../system/serial-queue.ts";
import { listenOnLoopback, PortTakenError } from "./loopback.ts";

/**
 * Where ports are chosen: below the ranges that systems take the ports of outgoing connections from (Linux from
 * 32768, macOS from 49152), lest one of those holds a kept port when local Azure starts again.
 */
const range = [20_000, 30_000] as const;

/**
 * The ports of one clone: a free one is chosen when a name first asks, and kept in a file, so that URLs survive a
 * restart and clones do not meet.
 */
export class PortBook {
  readonly #file: string;
  #ports: Record<string, number> | undefined;
  readonly #serially = serialQueue();

  /** @param file - JSON file, name → port; made with the first port. */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The port of `name`, e.g. `site/app-scoring-dev`. Whether it is still free shows when somebody listens on it:
   * see `PortTakenError`.
   */
  get(name: string): Promise<number> {
    return this.#serially(async () => {
      const ports = await this.#load();
      const kept = ports[name];
      if (kept !== undefined) return kept;
      const taken = new Set(Object.values(ports));
      const port = await freePort((candidate) => taken.has(candidate));
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

  async #load(): Promise<Record<string, number>> {
    this.#ports ??= (await readJson<Record<string, number>>(this.#file)) ?? {};
    return this.#ports;
  }

  async #save(ports: Record<string, number>): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeFileAtomically(this.#file, `${JSON.stringify(ports, null, 2)}\n`);
  }
}

/** A port that nobody listens on at this moment, on 127.0.0.1 and ::1. */
export async function freePort(isTaken: (port: number) => boolean = () => false): Promise<number> {
  for (let attempt = 0; attempt < range[1] - range[0]; attempt++) {
    const port = randomInt(...range);
    if (isTaken(port)) continue;
    try {
      const probe = await listenOnLoopback(createServer, port, "a probe");
      await probe.close();
      return port;
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error;
    }
  }
  throw new Error(`No port from ${range[0]} to ${range[1]} is free: end what listens there.`);
}
