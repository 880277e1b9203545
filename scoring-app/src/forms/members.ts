import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import type { Method } from "../model/model.ts";
import { isObject, type Json } from "./rows.ts";

/** null and {} are as good as nothing. */
const isNothing = (value: unknown) =>
  value === null || value === undefined || (isObject(value) && Object.keys(value).length === 0);

/**
 * Refuses members that nobody reads: whether `Method`, `quantiles` or `threshold` was meant to change the answer, the client knows.
 * @param where the holder's name; empty for the whole body.
 * @param whole a body of the form: it shows the right place of everything.
 * @throws ScoringError 400 naming the member.
 */
export function checkMembers(
  holder: Json,
  isKnown: (name: string) => boolean,
  where: string,
  whole: string,
): void {
  for (const name of Object.keys(holder)) {
    if (isKnown(name) || isNothing(holder[name])) continue;
    throw badRequest(`${where && `${where}: `}unknown member ${shown(name)}; expected ${whole}`);
  }
}

/** The method that is asked for, "predict" where none is. @throws ScoringError 400 */
export function methodOf(given: unknown, where: string): Method {
  if (given === undefined || given === null) return "predict";
  if (given === "predict" || given === "predict_proba") return given;
  throw badRequest(`${where}: expected "predict" or "predict_proba", given ${shown(given)}`);
}

/** The method within an object that has nothing else and may be left out. @throws ScoringError 400 */
export function methodIn(holder: unknown, where: string, whole: string): Method {
  if (holder === undefined || holder === null) return "predict";
  if (!isObject(holder)) throw badRequest(`${where}: expected an object, given ${shown(holder)}`);
  checkMembers(holder, (name) => name === "method", where, whole);
  return methodOf(holder.method, `${where}.method`);
}
