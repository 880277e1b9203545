import { isObject, type Members, readMembers, type Taken } from "../core/members.ts";
import type { ArmRequest } from "../core/types.ts";
import { invalidMember, invalidParameter } from "./errors.ts";

export type Json = Record<string, unknown>;

/** The request's body; `{}` when it has none. */
export function bodyOf(request: ArmRequest): Json {
  return isObject(request.body) ? request.body : {};
}

/** The members that a table takes of the request's body. @param owner - see {@link readMembers}. */
export function membersOf<T extends Members>(table: T, request: ArmRequest, owner: string): Taken<T> {
  return readMembers(table, bodyOf(request), { owner, invalid: invalidMember });
}

/** A member that must be an object; `{}` when it is absent or null. */
export function objectIn(body: Json, name: string): Json {
  const value = body[name] ?? {};
  if (!isObject(value)) throw invalidParameter(name);
  return value;
}

/** An object of texts; null is the empty one. @throws ArmError naming `parameter` when it is something else. */
export function textsIn(value: unknown, parameter: string): Record<string, string> {
  if (!isObject(value)) throw invalidParameter(parameter);
  const entries = Object.entries(value).map(([name, text]) => {
    if (typeof (text ?? "") !== "string") throw invalidParameter(parameter);
    return [name, text ?? ""] as const;
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A boolean of the request's query. @throws ArmError (400) naming it when it is neither true nor false. */
export function flagIn({ query }: ArmRequest, name: string, fallback: boolean): boolean {
  const given = (query.get(name.toLowerCase()) || `${fallback}`).toLowerCase();
  if (given !== "true" && given !== "false") throw invalidParameter(name);
  return given === "true";
}

/** A value of a request in an error's text. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A list as Microsoft.Web answers it: the three keys are always there. */
export function listOf(value: unknown[]): Json {
  return { value, nextLink: null, id: null };
}
