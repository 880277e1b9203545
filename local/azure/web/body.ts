import { isObject } from "../core/members.ts";
import type { ArmRequest } from "../core/types.ts";
import { invalidParameter } from "./errors.ts";

export type Json = Record<string, unknown>;

/** The request's body; `{}` when it has none. */
export function bodyOf(request: ArmRequest): Json {
  return isObject(request.body) ? request.body : {};
}

/** A member that must be an object; `{}` when it is absent or null. */
export function objectIn(body: Json, name: string): Json {
  const value = body[name] ?? {};
  if (!isObject(value)) throw invalidParameter(name);
  return value;
}

/** @throws ArmError naming `parameter` when `value` is not an object of texts. */
export function textsIn(value: unknown, parameter: string): Record<string, string> {
  if (!isObject(value) || Object.values(value).some((entry) => typeof entry !== "string")) {
    throw invalidParameter(parameter);
  }
  return { ...value } as Record<string, string>;
}

/** A value of a request in an error's text. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A list as Microsoft.Web answers it: the three keys are always there. */
export function listOf(value: unknown[]): Json {
  return { value, nextLink: null, id: null };
}
