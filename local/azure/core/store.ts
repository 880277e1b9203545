import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "../../system/files.ts";
import { serialQueue } from "../../system/serial-queue.ts";
import type { Resource } from "./types.ts";
import type { Vault } from "./vault.ts";

/** First bytes of the file; the number is the format's version. */
const magic = Buffer.from("azure-ml-scoring store 1\n");

/**
 * All resources of a clone by id, compared without regard to case, in one encrypted file, which each write replaces as a
 * whole. A write is on disk when it resolves.
 */
export class ResourceStore {
  readonly #file: string;
  readonly #vault: Vault;
  /** Keyed by the id in lower case; replaced, never changed in place. */
  #resources: ReadonlyMap<string, Resource>;
  readonly #serially = serialQueue();

  private constructor(file: string, vault: Vault, resources: Resource[]) {
    this.#file = file;
    this.#vault = vault;
    this.#resources = new Map(resources.map((resource) => [keyOf(resource.id), resource]));
  }

  /** @throws Error when the file is there and cannot be read: it is never replaced by an empty one. */
  static async open(file: string, vault: Vault): Promise<ResourceStore> {
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new ResourceStore(file, vault, []);
      throw error;
    }
    try {
      if (!bytes.subarray(0, magic.length).equals(magic))
        throw new Error("its first bytes are not a store's");
      return new ResourceStore(
        file,
        vault,
        JSON.parse(vault.open(bytes.subarray(magic.length))) as Resource[],
      );
    } catch (error) {
      throw new Error(
        `The state of local Azure in ${file} cannot be read (${(error as Error).message}). Put back a good copy, or delete the folder ${dirname(file)} to start anew.`,
        { cause: error },
      );
    }
  }

  get(id: string): Resource | undefined {
    return structuredClone(this.#resources.get(keyOf(id)));
  }

  /** All resources of a type, below `scope` (a subscription's or a group's id, or a parent resource's). */
  list(type: string, scope = ""): Resource[] {
    const below = `${keyOf(scope)}/`;
    const wanted = type.toLowerCase();
    return this.#select(
      (resource, key) => resource.type.toLowerCase() === wanted && (scope === "" || key.startsWith(below)),
    );
  }

  /** All top-level resources of a group, whatever their type. */
  inGroup(groupId: string): Resource[] {
    const below = `${keyOf(groupId)}/providers/`;
    return this.#select((_, key) => key.startsWith(below) && isTopLevel(key));
  }

  put(resource: Resource): Promise<void> {
    return this.#write((resources) => {
      resources.set(keyOf(resource.id), structuredClone(resource));
    });
  }

  /** Removes the resource and everything whose id lies below it. */
  delete(id: string): Promise<void> {
    const target = keyOf(id);
    return this.#write((resources) => {
      for (const key of resources.keys()) {
        if (key === target || key.startsWith(`${target}/`)) resources.delete(key);
      }
    });
  }

  #select(wanted: (resource: Resource, key: string) => boolean): Resource[] {
    const found = [...this.#resources].filter(([key, resource]) => wanted(resource, key));
    return found.map(([, resource]) => structuredClone(resource));
  }

  /** One write after the other; readers see a write once it is on disk. */
  #write(change: (resources: Map<string, Resource>) => void): Promise<void> {
    return this.#serially(async () => {
      const next = new Map(this.#resources);
      change(next);
      const sealed = this.#vault.seal(JSON.stringify([...next.values()]));
      await writeFileAtomically(this.#file, Buffer.concat([magic, sealed]));
      this.#resources = next;
    });
  }
}

function keyOf(id: string): string {
  return id.toLowerCase().replace(/\/+$/, "");
}

/** `/subscriptions/s/resourcegroups/g/providers/ns/type/name` splits into nine parts. */
function isTopLevel(key: string): boolean {
  return key.split("/").length === 9;
}
