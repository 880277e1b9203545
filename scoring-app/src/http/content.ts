import { isAscii, isUtf8 } from "node:buffer";
import { badRequest, messageOf } from "../errors.ts";

const BYTE_ORDER_MARK = "\ufeff";

/** Text of a body, without a byte order mark. @throws ScoringError 400 where it is not UTF-8. */
export function textOf(body: Buffer): string {
  if (isAscii(body)) return body.toString("latin1");
  if (!isUtf8(body)) throw badRequest("the body is not UTF-8");
  const text = body.toString("utf8");
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}

/** @throws ScoringError 400 where the body is empty or not JSON. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw badRequest("the body is empty; expected JSON");
  const text = textOf(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${messageOf(error)}`);
  }
}

/** The parameters of a GET as an object: values are JSON where they parse, text where not; a repeated name is a list. */
export function parseQuery(query: string): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  const parameters = new URLSearchParams(query);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name).map((value) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        return value;
      }
    });
    result[name] = values.length === 1 ? values[0] : values;
  }
  return result;
}
