import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { badRequest, ScoringError } from "../errors.ts";

const EMPTY = Buffer.alloc(0);

/** Told of bytes that came, before they are kept; may throw a ScoringError to refuse them. */
type OnBytes = (bytes: number) => void;

/**
 * @returns whether the body is gzip.
 * @throws ScoringError 415 for another encoding, 413 for a body that will have more than `limit` bytes.
 */
export function checkHead({ headers }: IncomingMessage, limit: number): boolean {
  if (Number(headers["content-length"]) > limit) throw tooLarge(limit);
  const encoding = headers["content-encoding"]?.toLowerCase();
  if (encoding === undefined || encoding === "identity") return false;
  if (encoding === "gzip" || encoding === "x-gzip") return true;
  throw new ScoringError(415, `Content-Encoding ${encoding}: send gzip or identity`);
}

/**
 * The body of a request of which nothing was read, without waiting for a stream's events; undefined where more of it is
 * to come.
 * @throws ScoringError 413 above `limit` bytes.
 */
export function bodyAtOnce(request: IncomingMessage, limit: number): Buffer | undefined {
  if (!request.complete) return undefined;
  // By its length: read() alone gives all of it up to Node 24, and one piece since.
  const body: Buffer = request.read(request.readableLength) ?? EMPTY;
  if (body.length > limit) throw tooLarge(limit);
  return body;
}

/**
 * Collects a body that arrives in pieces.
 * @throws ScoringError 413 above `limit` bytes, 400 where the client broke off.
 */
export async function bodyInPieces(
  request: IncomingMessage,
  limit: number,
  onBytes: OnBytes,
): Promise<Buffer> {
  const brokenOff = (reason: string) => badRequest(`the body ended early: ${reason}`);
  if (request.destroyed) throw brokenOff("aborted");
  return collected(request, limit, onBytes, brokenOff);
}

/**
 * What is in a body of gzip. It is inflated piece by piece: no more than `limit` bytes of a bomb are ever made.
 * @throws ScoringError 413 above `limit` bytes, 400 where it is not gzip or ends early.
 */
export async function inflated(body: Buffer, limit: number, onBytes: OnBytes): Promise<Buffer> {
  if (body.length === 0) return body;
  const gunzip = createGunzip();
  gunzip.end(body);
  try {
    return await collected(gunzip, limit, onBytes, (reason) => badRequest(`the body is not gzip: ${reason}`));
  } finally {
    gunzip.destroy();
  }
}

function collected(
  stream: Readable,
  limit: number,
  onBytes: OnBytes,
  failed: (reason: string) => ScoringError,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    stream.on("data", (chunk: Buffer) => {
      if (refused) return;
      size += chunk.length;
      try {
        if (size > limit) throw tooLarge(limit);
        onBytes(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        // The rest flows past without being kept.
        refused = true;
        chunks = [];
        reject(error);
      }
    });
    stream.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    stream.on("error", (error) => reject(failed(error.message)));
  });
}

/** 413 for a body above the limit that this setting tells. */
export function tooLarge(limit: number, setting = "MAX_BODY_BYTES"): ScoringError {
  return new ScoringError(413, `the body is larger than ${limit} bytes (${setting})`);
}
