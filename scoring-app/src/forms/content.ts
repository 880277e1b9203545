import { ScoringError } from "../errors.ts";
import { parseJson, textOf } from "../http/content.ts";
import { JSON_TYPE } from "../http/exchange.ts";
import { contentTypes, listed, textForms } from "./forms.ts";

/**
 * Parses a body of /score by its Content-Type: JSON (also where there is none), or that of a form.
 * @param given the header.
 * @param json reads JSON.
 * @throws ScoringError 415 for another type or a charset other than UTF-8.
 */
export function parseContent(
  given: string | undefined,
  body: Buffer,
  json: (body: Buffer) => unknown = parseJson,
): unknown {
  if (given === undefined || given === JSON_TYPE) return json(body);
  const [type = "", ...parameters] = given.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (charset !== undefined && !["utf-8", '"utf-8"', "utf8", "us-ascii"].includes(charset)) {
    throw new ScoringError(415, `charset ${charset}: send UTF-8`);
  }
  if (type === JSON_TYPE || type === "text/json" || type.endsWith("+json")) return json(body);
  const form = textForms().find(({ contentType }) => contentType === type);
  if (form) return form.parse(textOf(body));
  throw new ScoringError(415, `Content-Type ${type}: send ${listed(contentTypes())}`);
}
