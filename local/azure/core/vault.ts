import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "../../system/files.ts";

const cipher = "aes-256-gcm";
const keyLength = 32;
const nonceLength = 12;
const tagLength = 16;

/** The clone's one secret key, and what is derived from it. */
export class Vault {
  readonly #key: Buffer;

  constructor(key: Uint8Array) {
    if (key.length !== keyLength) throw new Error(`A key has ${keyLength} bytes, not ${key.length}.`);
    this.#key = Buffer.from(key);
  }

  /** Another key of 32 bytes for `purpose`, always the same one for this clone. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#key, "", purpose, keyLength));
  }

  /** An id in the look of a GUID, always the same one for this clone and `purpose`. */
  id(purpose: string): string {
    const hex = createHmac("sha256", this.#key).update(`id ${purpose}`).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** Encrypts and authenticates: nonce, tag, ciphertext. */
  seal(plain: string): Buffer {
    const nonce = randomBytes(nonceLength);
    const sealing = createCipheriv(cipher, this.derive("store"), nonce);
    const text = Buffer.concat([sealing.update(plain, "utf8"), sealing.final()]);
    return Buffer.concat([nonce, sealing.getAuthTag(), text]);
  }

  /** @throws Error when `sealed` was changed or sealed with another key. */
  open(sealed: Buffer): string {
    const opening = createDecipheriv(cipher, this.derive("store"), sealed.subarray(0, nonceLength), {
      authTagLength: tagLength,
    });
    opening.setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength));
    const text = opening.update(sealed.subarray(nonceLength + tagLength));
    return Buffer.concat([text, opening.final()]).toString("utf8");
  }
}

/**
 * The vault whose key is kept in `keyFile` (0600), a new random one when there is none.
 *
 * @param storeFile - what the key encrypts: when it is there without its key, a new key would only hide the loss.
 */
export async function openVault(keyFile: string, storeFile: string): Promise<Vault> {
  if (existsSync(keyFile)) {
    const key = await readFile(keyFile);
    if (key.length !== keyLength) {
      throw new Error(
        `The key file ${keyFile} has ${key.length} bytes instead of ${keyLength}. Put the right one back, or delete the folder ${dirname(keyFile)} to start anew.`,
      );
    }
    return new Vault(key);
  }
  if (existsSync(storeFile)) {
    throw new Error(
      `${storeFile} is there but its key ${keyFile} is not, so it cannot be read. Put the key back, or delete the folder ${dirname(keyFile)} to start anew.`,
    );
  }
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
  const key = randomBytes(keyLength);
  await writeFileAtomically(keyFile, key);
  return new Vault(key);
}
