import { rm } from "node:fs/promises";
import type Dockerode from "dockerode";
import { ignoring } from "../../../docker/errors.ts";
import { isOfLocalRegistry, isReference, splitReference } from "../../../docker/image-reference.ts";
import { readJson, writeFileAtomically } from "../../../system/files.ts";
import { serialQueue } from "../../../system/serial-queue.ts";

/** 400: no reference in Docker's eyes; 404: gone already, or never pulled. Either way there is nothing to remove. */
const nothingThere = [400, 404];
/** A container uses the image. */
const inUse = 409;

/** The image references that a site has pulled, kept in a file, so that they can be removed again. */
export class PulledImages {
  readonly #docker: Dockerode;
  readonly #file: string;
  /** The calls run one after the other: an image is not removed while its next pull is under way. */
  readonly #serially = serialQueue();

  constructor(docker: Dockerode, file: string) {
    this.#docker = docker;
    this.#file = file;
  }

  add(image: string): Promise<void> {
    return this.#serially(async () => {
      const images = await this.#read();
      if (!images.includes(image)) await this.#write([...images, image]);
    });
  }

  /**
   * Removes what was pulled by digest from the same repository of a registry on this machine and is not wanted any
   * more. What a container uses stays for the next time; tags, and images of other registries, stay with the site.
   */
  removeEarlier(image: string, isWanted: (image: string) => boolean): Promise<void> {
    return this.#serially(async () => {
      if (!isOfLocalRegistry(image)) return;
      const { repository } = splitReference(image);
      const kept: string[] = [];
      const images = await this.#read();
      for (const pulled of images) {
        const isEarlier = pulled.startsWith(`${repository}@`) && !isWanted(pulled);
        if (!isEarlier || !(await this.#removed(pulled))) kept.push(pulled);
      }
      if (kept.length < images.length) await this.#write(kept);
    });
  }

  /** Removes the references from the daemon; layers that others use stay. */
  remove(): Promise<void> {
    return this.#serially(async () => {
      for (const image of await this.#read()) await this.#removed(image);
      await rm(this.#file, { force: true });
    });
  }

  /** @returns false where a container uses the image. */
  async #removed(image: string): Promise<boolean> {
    if (!isReference(image)) return true;
    const { repository, tag } = splitReference(image);
    // With its tag, since Docker could take a bare name for the beginning of another image's id.
    const name = image.includes("@") ? image : `${repository}:${tag}`;
    try {
      await ignoring(nothingThere, this.#docker.getImage(name).remove());
      return true;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === inUse) return false;
      throw error;
    }
  }

  #write(images: string[]): Promise<void> {
    return writeFileAtomically(this.#file, `${JSON.stringify(images, null, 2)}\n`);
  }

  async #read(): Promise<string[]> {
    return (await readJson<string[]>(this.#file)) ?? [];
  }
}
