import type { IncomingMessage } from "node:http";
import { ArmError, invalidRequestContent } from "./errors.ts";
import type { Method } from "./types.ts";

/** The resource manager's own limit. */
const maximumBytes = 4 * 1024 * 1024;

/**
 * The parsed JSON body; undefined when there is none.
 *
 * @throws ArmError when it is too large, not JSON, or not an object where a resource is written.
 */
export async function readBody(request: IncomingMessage, method: Method): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBytes) {
      throw new ArmError(
        413,
        "RequestContentTooLarge",
        `The request content size exceeds the maximum size of '${maximumBytes}' bytes.`,
      );
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  const writes = method === "PUT" || method === "PATCH";
  if (text === "") {
    if (writes) throw invalidRequestContent("The request content is empty");
    return undefined;
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalidRequestContent((error as Error).message);
  }
  if (writes && (typeof body !== "object" || body === null || Array.isArray(body))) {
    throw invalidRequestContent("The request content is not a JSON object");
  }
  return body;
}

/**
 * The `tags` of a request's body; undefined when it has none.
 *
 * @throws ArmError (400) when they are not texts.
 */
export function tagsOf(body: unknown): Record<string, string> | undefined {
  const tags = (body as { tags?: unknown } | undefined)?.tags;
  if (tags === undefined || tags === null) return undefined;
  if (typeof tags !== "object" || Array.isArray(tags)) {
    throw invalidRequestContent("The property 'tags' is not a JSON object");
  }
  for (const [name, value] of Object.entries(tags)) {
    if (typeof value !== "string") {
      throw invalidRequestContent(`The value of the tag '${name}' is not a string`);
    }
  }
  return { ...(tags as Record<string, string>) };
}
