import { ScoringError } from "../errors.ts";
import { parseText } from "../exact-json.ts";
import { contentTypes, listed, textForms } from "./forms.ts";
import { textOf } from "./json.ts";

/** Types under which clients send JSON without saying so; what Azure ML's server takes for JSON, too. */
const UNSAID = ["", "text/plain"];

/**
 * Parses a body of /score by its Content-Type: JSON, also as plain text or without a type, or that of a form.
 * @param given the header.
 * @param json reads JSON.
 * @param other reads bodies of other types, and such as may be JSON and are not.
 * @throws ScoringError 415 for a charset other than UTF-8 and, without `other`, another type.
 */
export function parseContent(
  given: string | undefined,
  body: Buffer,
  json: (body: Buffer) => unknown,
  other?: (body: Buffer) => unknown,
): unknown {
  if (given === "application/json") return json(body);
  const [type = "", ...parameters] = (given ?? "").split(";").map((part) => part.trim().toLowerCase());
  const form = textForms().find(({ contentType }) => contentType === type);
  const unsaid = UNSAID.includes(type);
  if (unsaid && other && body.length > 0) {
    try {
      return json(body);
    } catch {
      return other(body);
    }
  }
  if (!form && !unsaid && type !== "application/json" && type !== "text/json" && !type.endsWith("+json")) {
    if (other) return other(body);
    throw new ScoringError(415, `Content-Type ${type}: send ${listed(contentTypes())}`);
  }
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (charset !== undefined && !["utf-8", '"utf-8"', "utf8", "us-ascii"].includes(charset)) {
    throw new ScoringError(415, `charset ${charset}: send UTF-8`);
  }
  return form ? form.parse(textOf(body)) : json(body);
}

/**
 * The parameters of a GET as an object: values are JSON where they parse, text where not; a repeated name is a list.
 * @param exact see `parseText`.
 */
export function parseQuery(query: string, exact: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  const parameters = new URLSearchParams(query);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name).map((value) => {
      try {
        return parseText(value, exact);
      } catch {
        return value;
      }
    });
    result[name] = values.length === 1 ? values[0] : values;
  }
  return result;
}
