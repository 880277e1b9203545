import type { IncomingMessage } from "node:http";
import { ArmError, invalidRequestContent } from "./errors.ts";
import { isObject } from "./members.ts";
import type { Method } from "./types.ts";

/** The resource manager's own limit. */
const maximumBytes = 4 * 1024 * 1024;
/** No request of these types nests deeper; unlimited nesting would exhaust the stack. */
const maximumDepth = 64;

/**
 * The parsed JSON body; undefined when there is none. Members of its objects are found whatever their case, since
 * Azure reads `Properties` as `properties`; listing them shows them as they were sent.
 *
 * @throws ArmError when it is too large, not JSON, or not an object.
 */
export async function readBody(request: IncomingMessage, method: Method): Promise<unknown> {
  const tooLarge = `The request content size exceeds the maximum size of '${maximumBytes}' bytes.`;
  const sent = await textOf(request, maximumBytes, new ArmError(413, "RequestContentTooLarge", tooLarge));
  const text = sent.trim();
  const writes = method === "PUT" || method === "PATCH";
  if (text === "") {
    if (writes) throw invalidRequestContent("The request content is empty");
    return undefined;
  }
  checkMediaType(request.headers["content-type"]);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalidRequestContent((error as Error).message);
  }
  // Of an action, null is as none.
  if (!isObject(body) && (writes || body !== null)) {
    throw invalidRequestContent("The request content is not a JSON object");
  }
  if (isDeeper(body, maximumDepth)) {
    throw invalidRequestContent(`The request content is nested deeper than ${maximumDepth} levels`);
  }
  return caseless(body);
}

/** As Azure words it (Azure/azure-cli#10143); curl's own type, a form's, is the likeliest that comes here. */
function checkMediaType(given = ""): void {
  const type = given.replace(/;.*/s, "").trim();
  if (/^application\/(.+\+)?json$/i.test(type)) return;
  const message = `The content media type '${type || "<null>"}' is not supported. Only 'application/json' is supported.`;
  throw new ArmError(415, "UnsupportedMediaType", message);
}

/** A request's body. @param tooLarge - thrown where it has more bytes than `most`. */
export async function textOf(request: IncomingMessage, most: number, tooLarge: Error): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // To its end: a client that sends all before it reads would not see the answer.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= most) chunks.push(chunk);
  }
  if (length > most) throw tooLarge;
  return Buffer.concat(chunks).toString("utf8");
}

function caseless(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(caseless);
  return new Proxy(value, {
    get(target, name) {
      if (typeof name !== "string" || Object.hasOwn(target, name)) return caseless(Reflect.get(target, name));
      const given = Object.keys(target).find((key) => key.toLowerCase() === name.toLowerCase());
      return caseless(Reflect.get(target, given ?? name));
    },
  });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
