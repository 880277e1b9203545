import { ScoringError } from "../errors.ts";
import { contentTypes, listed, textForms } from "./forms.ts";
import { parseText, textOf } from "./json.ts";

/**
 * Parses a body of /score by its Content-Type: JSON (also where there is none), or that of a form.
 * @param given the header.
 * @param json reads JSON.
 * @throws ScoringError 415 for another type or a charset other than UTF-8.
 */
export function parseContent(
  given: string | undefined,
  body: Buffer,
  json: (body: Buffer) => unknown,
): unknown {
  if (given === undefined || given === "application/json") return json(body);
  const [type = "", ...parameters] = given.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (charset !== undefined && !["utf-8", '"utf-8"', "utf8", "us-ascii"].includes(charset)) {
    throw new ScoringError(415, `charset ${charset}: send UTF-8`);
  }
  if (type === "application/json" || type === "text/json" || type.endsWith("+json")) return json(body);
  const form = textForms().find(({ contentType }) => contentType === type);
  if (form) return form.parse(textOf(body));
  throw new ScoringError(415, `Content-Type ${type}: send ${listed(contentTypes())}`);
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
