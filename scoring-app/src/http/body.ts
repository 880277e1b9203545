import type { IncomingMessage } from "node:http";
import { ScoringError } from "../errors.ts";

const EMPTY = Buffer.alloc(0);

/** @throws ScoringError 415 for an encoded body, 413 for one that will have more than `limit` bytes. */
export function checkHead({ headers }: IncomingMessage, limit: number): void {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new ScoringError(415, `Content-Encoding ${encoding}: send the body unencoded`);
  }
  if (Number(headers["content-length"]) > limit) throw tooLarge(limit);
}

/**
 * The body of a request of which nothing was read, without waiting for a stream's events; undefined where more of it is
 * to come.
 * @throws ScoringError 413 above `limit` bytes.
 */
export function bodyAtOnce(request: IncomingMessage, limit: number): Buffer | undefined {
  if (!request.complete) return undefined;
  const body: Buffer = request.read() ?? EMPTY;
  if (body.length > limit) throw tooLarge(limit);
  return body;
}

/**
 * Collects a body that arrives in pieces.
 * @param onBytes told of what came, before it is kept; may throw a ScoringError to refuse it.
 * @throws ScoringError 413 above `limit` bytes, 400 where the client broke off.
 */
export function bodyInPieces(
  request: IncomingMessage,
  limit: number,
  onBytes: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const brokenOff = (reason: string) => reject(new ScoringError(400, `the body ended early: ${reason}`));
    if (request.destroyed) return brokenOff("aborted");
    let chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    request.on("data", (chunk: Buffer) => {
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
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on("error", (error) => brokenOff(error.message));
  });
}

function tooLarge(limit: number): ScoringError {
  return new ScoringError(413, `the body is larger than ${limit} bytes (MAX_BODY_BYTES)`);
}
