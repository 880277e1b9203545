import { isAscii, isUtf8 } from "node:buffer";
import { badRequest, messageOf } from "../errors.ts";
import { parseText, withoutMark } from "../exact-json.ts";

/** Text of a body, without a byte order mark. @throws ScoringError 400 where it is not UTF-8. */
export function textOf(body: Buffer): string {
  if (isAscii(body)) return body.toString("latin1");
  if (!isUtf8(body)) throw badRequest("the body is not UTF-8");
  const text = body.toString("utf8");
  return withoutMark(text);
}

/**
 * Reads a body as `parseText` does.
 * @throws ScoringError 400 where it is empty or not JSON.
 */
export function parseJson(body: Buffer, exact: boolean): unknown {
  if (body.length === 0) throw badRequest("the body is empty; expected JSON");
  const text = textOf(body);
  try {
    return parseText(text, exact);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${messageOf(error)}`);
  }
}
