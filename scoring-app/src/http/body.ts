import type { IncomingMessage } from "node:http";
import { ScoringError } from "../errors.ts";

const EMPTY = Buffer.alloc(0);

/**
 * Reads a request's body.
 * @param onBytes told of what came, before it is kept; may throw a ScoringError to refuse it.
 * @throws ScoringError 413 above `limit` bytes, 415 for an encoded one, 400 where the client broke off.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  onBytes?: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      reject(new ScoringError(415, `Content-Encoding ${encoding}: send the body unencoded`));
      return;
    }
    const tooLarge = () => new ScoringError(413, `the body is larger than ${limit} bytes (MAX_BODY_BYTES)`);
    if (Number(request.headers["content-length"]) > limit) {
      reject(tooLarge());
      return;
    }
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    let refused = false;
    // Drops what was read: the rest flows past without being kept.
    const refuse = (error: unknown) => {
      refused = true;
      first = more = undefined;
      reject(error);
    };
    request.on("data", (chunk: Buffer) => {
      if (refused) return;
      size += chunk.length;
      if (size > limit) return refuse(tooLarge());
      try {
        onBytes?.(chunk.length);
      } catch (error) {
        return refuse(error);
      }
      if (first === undefined) first = chunk;
      else if (more === undefined) more = [first, chunk];
      else more.push(chunk);
    });
    request.on("end", () => resolve(more ? Buffer.concat(more) : (first ?? EMPTY)));
    request.on("error", (error) => reject(new ScoringError(400, `the body ended early: ${error.message}`)));
  });
}
