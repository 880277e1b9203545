/** What becomes of each member of a request's body: a table a type, and the one reader of them all. */
import { words } from "../../system/words.ts";
import { ArmError, invalidRequestContent, notEmulated } from "./errors.ts";
import { is, type Reader } from "./readers.ts";
import { repeatedName } from "./text.ts";

type Value = unknown;

/**
 * A member is taken (`read`), refused, or dropped because it asks for nothing (`idle` says why). What stands in no
 * table is refused.
 */
export interface Member {
  read?: Reader<unknown>;
  /** What a taken member is before somebody writes it. */
  fallback?: unknown;
  /** Why it is refused, but for null, false, 0, "", [], {} and what `harmless` says. */
  refused?: string;
  harmless?: (value: Value) => boolean;
  /** Why nothing acts on it. */
  idle?: string;
  /** The members of the object, of each object in the list, or of each value in the map. */
  members?: Members;
  of?: "list" | "map";
}

export type Members = Record<string, Member>;

/** What {@link readMembers} makes of a body: the taken members only, spelled as in the table. */
export type Taken<T extends Members> = {
  [K in keyof T as T[K] extends { read: unknown } | { members: unknown } ? K : never]?: Of<T[K]>;
};
type Of<M> = M extends { members: infer T extends Members; of: "list" }
  ? Taken<T>[]
  : M extends { members: infer T extends Members; of: "map" }
    ? Record<string, Taken<T>>
    : M extends { members: infer T extends Members }
      ? Taken<T>
      : M extends { read: Reader<infer V> }
        ? V
        : never;

type Fallbacks<T extends Members> = {
  [K in keyof T as T[K] extends { fallback: unknown } ? K : never]: T[K] extends { fallback: infer V }
    ? V
    : never;
};

/** A type's defaults. */
export function fallbacksOf<T extends Members>(table: T): Fallbacks<T> {
  const kept = Object.entries(table).filter(([, member]) => "fallback" in member);
  return Object.fromEntries(kept.map(([name, member]) => [name, member.fallback])) as Fallbacks<T>;
}

/** @param fallback - what it is before somebody writes it; left out where another place knows. */
export function taken<V>(read: Reader<V>): { read: Reader<V> };
export function taken<V, F extends V | null>(
  read: Reader<V>,
  fallback: F,
): { read: Reader<V>; fallback: V | (null extends F ? null : never) };
export function taken(read: Reader<unknown>, ...fallback: unknown[]): Member {
  return { read, ...(fallback.length > 0 && { fallback: fallback[0] }) };
}

/** A taken member that is kept and shown, though nothing acts on it. */
export function kept<M extends Member>(idle: string, member: M): M & { idle: string } {
  return { ...member, idle };
}

export function refused(why: string, harmless?: (value: Value) => boolean): Member & { refused: string } {
  return { refused: why, ...(harmless && { harmless }) };
}

/** Dropped: nothing could come of it. */
export function idle(why: string): Member & { idle: string } {
  return { idle: why };
}

export function nested<T extends Members>(members: T): { members: T } {
  return { members };
}

export function listOf<T extends Members>(members: T): { members: T; of: "list" } {
  return { members, of: "list" };
}

export function mapOf<T extends Members>(members: T): { members: T; of: "map" } {
  return { members, of: "map" };
}

/** One value for several members, or one row for several that are not taken: their names between spaces. */
export function each<V>(value: V, names: string): Record<never, V> {
  return Object.fromEntries(words(names).map((name) => [name, value]));
}

/** Dropped, as by Azure. */
export const readOnly = idle("Azure decides it; clients send back what they have read.");

/** A provider's words for a value of a wrong type; `path` is e.g. `properties.siteConfig.alwaysOn`. */
export type Invalid = (path: string, type: string) => ArmError;

/**
 * Reads the members of a body, whatever their case; a null is an absent one.
 *
 * @param owner - what the table describes, for the error, e.g. `Microsoft.Web/sites`.
 * @throws ArmError (400) at the first member that is there twice, unknown, refused or of a wrong type.
 */
export function readMembers<T extends Members>(
  table: T,
  given: object,
  { owner, invalid, path = "" }: { owner: string; invalid: Invalid; path?: string },
): Taken<T> {
  const again = repeatedName(Object.keys(given));
  if (again !== undefined) throw invalidRequestContent(`The property '${again}' is there twice`);
  const result: Record<string, unknown> = {};
  for (const [spelled, value] of Object.entries(given)) {
    const name = Object.keys(table).find((known) => known.toLowerCase() === spelled.toLowerCase());
    const at = path === "" ? (name ?? spelled) : `${path}.${name ?? spelled}`;
    if (name === undefined) throw unknown(at, owner);
    const read = readMember(table[name]!, value, { owner, invalid, path: at });
    if (read !== undefined) result[name] = read;
  }
  return result as Taken<T>;
}

type Place = { owner: string; invalid: Invalid; path: string };

function readMember(member: Member, value: Value, place: Place): unknown {
  if (member.refused !== undefined && !asksForNothing(value) && !member.harmless?.(value)) {
    throw notEmulated(`'${place.path}'`, member.refused);
  }
  if (value === null || value === undefined) return undefined;
  if (member.members) return readBelow(member.members, member.of, value, place);
  if (!member.read) return undefined;
  const read = member.read.take(value);
  if (read === undefined) throw place.invalid(place.path, member.read.type);
  return read;
}

function readBelow(table: Members, of: Member["of"], value: Value, place: Place): unknown {
  const object = (one: Value, path: string) => {
    if (!isObject(one)) throw place.invalid(place.path, "a JSON object");
    return readMembers(table, one, { ...place, path });
  };
  if (of === "list") {
    if (!Array.isArray(value)) throw place.invalid(place.path, "an array");
    return value.map((one, index) => object(one, `${place.path}[${index}]`));
  }
  if (of === undefined) return object(value, place.path);
  if (!isObject(value)) throw place.invalid(place.path, "a JSON object");
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, one]) => [name, object(one, `${place.path}.${name}`)]));
}

function unknown(path: string, owner: string): ArmError {
  const message = `Local Azure does not know '${path}': ${owner} has no such member that it was written for; leave it out.`;
  return new ArmError(400, "NotSupported", message);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asksForNothing(value: Value): boolean {
  if (!value) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** A resource's `identity`, of which `None` asks for nothing. */
export function identity(why: string): Member & { refused: string } {
  return {
    ...refused(why, (value) => is("none")((value as { type?: unknown }).type)),
    members: {
      type: idle("None is all that it can be."),
      ...each(readOnly, "principalId tenantId"),
      userAssignedIdentities: refused(why),
    },
  };
}
