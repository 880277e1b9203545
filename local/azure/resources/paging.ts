import { ArmError } from "../core/errors.ts";
import { ok } from "../core/ok.ts";
import type { ArmRequest, ArmResponse } from "../core/types.ts";

/** The options that {@link page} reads. */
export const paged = ["$top", "$skiptoken"];

/**
 * One page of a list: all of it, or `$top` of it from where `$skiptoken` says, with a nextLink when more follows.
 *
 * @throws ArmError (400) for a `$top` or `$skiptoken` that no list has.
 */
export function page(items: unknown[], { origin, path, query }: ArmRequest): ArmResponse {
  const size = whole(query, "$top", "InvalidTopInQueryString", 1) ?? items.length;
  const from = whole(query, "$skiptoken", "InvalidSkipToken", 0) ?? 0;
  const value = items.slice(from, from + size);
  const next = from + value.length;
  if (next >= items.length) return ok({ value });
  const rest = new URLSearchParams(query);
  rest.set("$skiptoken", String(next));
  return ok({ value, nextLink: `${origin}${path}?${rest}` });
}

function whole(query: URLSearchParams, name: string, code: string, least: number): number | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  const number = Number(given);
  if (!/^\d{1,9}$/.test(given) || number < least) {
    throw new ArmError(400, code, `The ${name} '${given}' is not a whole number of at least ${least}.`);
  }
  return number;
}
