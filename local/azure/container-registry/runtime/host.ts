import { rm } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { type Listener, listenOnLoopback } from "../../../net/loopback.ts";
import { cleanedUp } from "../../../system/clean-up.mjs";
import type { ProviderContext } from "../../core/provider.ts";
import type { Registry } from "../model.ts";
import { RegistryAuthority } from "./authority.ts";
import { Distribution, endLeftover } from "./distribution.ts";
import { registryFront } from "./front.ts";
import { removeImageReferences } from "./images.ts";
import { sizeOf } from "./usage.ts";

interface Running {
  distribution: Distribution;
  listener: Listener;
}

/** Runs the registries: for each a process with the data, and in front of it the login server with its credentials. */
export class RegistryHost {
  readonly #context: ProviderContext;
  readonly #running = new Map<string, Running>();

  constructor(context: ProviderContext) {
    this.#context = context;
  }

  /** `localhost:PORT`, the same one at each call for a name. */
  async loginServer(name: string): Promise<string> {
    return `localhost:${await this.#context.ports.get(portName(name))}`;
  }

  /** Resolves when the login server answers. One that was deleted and made again may be asked for twice. */
  async start({ id, name, properties: { loginServer } }: Registry): Promise<void> {
    if (this.#running.has(keyOf(name))) return;
    const { tls, store, log } = this.#context;
    const distribution = new Distribution(this.#context.registryBinary, this.#directory(name), log);
    try {
      await distribution.start();
      const stored = () => store.get(id) as Registry | undefined;
      const authority = new RegistryAuthority(this.#context, stored);
      const front = registryFront(loginServer, authority, () => distribution.socket);
      const create = () => {
        const server = createServer({ ...tls, minVersion: "TLSv1.2" }, front);
        // A large layer over a slow line takes as long as it takes.
        server.requestTimeout = 0;
        return server;
      };
      const listener = await listenOnLoopback(create, Number(loginServer.split(":")[1]), portName(name));
      this.#running.set(keyOf(name), { distribution, listener });
    } catch (error) {
      throw await cleanedUp(error, () => distribution.stop());
    }
  }

  /** Ends login server and process; the data stays. */
  async stop(name: string): Promise<void> {
    const running = this.#running.get(keyOf(name));
    this.#running.delete(keyOf(name));
    await running?.listener.close();
    await running?.distribution.stop();
  }

  /** Bytes of the registry's data. */
  size(name: string): Promise<number> {
    return sizeOf(join(this.#directory(name), "data"));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name)));
  }

  /** Ends the registry, and removes its data, its port and the images of this machine's Docker that name it. */
  async remove({ name, properties: { loginServer } }: Registry): Promise<void> {
    await this.stop(name);
    await removeImageReferences(this.#context.docker, loginServer, this.#context.log);
    await endLeftover(this.#directory(name));
    await rm(this.#directory(name), { recursive: true, force: true });
    await this.#context.ports.release(portName(name));
  }

  #directory(name: string): string {
    return join(this.#context.directory, "registries", keyOf(name));
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

function portName(name: string): string {
  return `registry/${keyOf(name)}`;
}
