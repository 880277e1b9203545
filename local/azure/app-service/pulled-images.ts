import { readFile, rm, writeFile } from "node:fs/promises";
import type Dockerode from "dockerode";
import { ignoring } from "./container.ts";
import { isReference } from "./image-reference.ts";

/** The image references that a site has pulled, kept in a file, so that they can be removed with it. */
export class PulledImages {
  readonly #docker: Dockerode;
  readonly #file: string;

  constructor(docker: Dockerode, file: string) {
    this.#docker = docker;
    this.#file = file;
  }

  async add(image: string): Promise<void> {
    const images = await this.#read();
    if (images.includes(image)) return;
    await writeFile(this.#file, `${JSON.stringify([...images, image], null, 2)}\n`, { mode: 0o600 });
  }

  /** Removes the references from the daemon; layers that others use stay. */
  async remove(): Promise<void> {
    for (const image of (await this.#read()).filter(isReference)) {
      // 404: gone already, or never pulled; 409: a container of somebody else runs it.
      await ignoring([404, 409], this.#docker.getImage(image).remove());
    }
    await rm(this.#file, { force: true });
  }

  async #read(): Promise<string[]> {
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as string[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }
}
