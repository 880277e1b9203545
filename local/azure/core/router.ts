import type { ResourceProvider, Route } from "./provider.ts";
import type { ScopeKind } from "./types.ts";

export interface Match {
  route: Route;
  parameters: Record<string, string>;
}

interface Pattern {
  route: Route;
  segments: string[];
}

/** The placeholder that stands for a subscription, a group or a resource, whatever their number of segments. */
const scope = "{scope}";

/**
 * Finds the route of a path among those of all resource providers; literal segments win over placeholders, and both
 * over a path that begins with `{scope}`.
 */
export class Router {
  readonly #patterns: Pattern[];

  constructor(providers: ResourceProvider[]) {
    this.#patterns = providers.flatMap(({ routes }) =>
      routes.map((route) => ({ route, segments: split(route.path) })),
    );
    this.#patterns.sort((a, b) => rank(a).localeCompare(rank(b)));
  }

  /** @throws URIError when a segment is not valid percent-encoding. */
  match(path: string): Match | undefined {
    const segments = split(path).map(decodeURIComponent);
    for (const { route, segments: pattern } of this.#patterns) {
      const scoped = pattern[0] === scope;
      const given = scoped ? withScope(segments, pattern.length - 1, route.scopes) : segments;
      const parameters = given && matched(pattern, given);
      if (parameters) return { route, parameters };
    }
    return undefined;
  }
}

/** The parameters of a path that fits; undefined for another. */
function matched(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  const fits = pattern.every((expected, index) => {
    const actual = segments[index]!;
    if (!isPlaceholder(expected)) return expected.toLowerCase() === actual.toLowerCase();
    parameters[expected.slice(1, -1)] = actual;
    return true;
  });
  return fits ? parameters : undefined;
}

/** The segments with those of the scope made one; undefined where `allowed` does not have this scope. */
function withScope(
  segments: string[],
  after: number,
  allowed: readonly ScopeKind[] | undefined,
): string[] | undefined {
  const before = segments.slice(0, -after);
  const kind = scopeKind(before);
  if (kind === undefined || (allowed && !allowed.includes(kind))) return undefined;
  return [`/${before.join("/")}`, ...segments.slice(-after)];
}

function scopeKind(segments: string[]): ScopeKind | undefined {
  const at = (index: number) => segments[index]?.toLowerCase();
  if (at(0) !== "subscriptions" || segments.length < 2) return undefined;
  if (segments.length === 2) return "subscription";
  if (at(2) !== "resourcegroups" || segments.length < 4) return undefined;
  if (segments.length === 4) return "group";
  // providers/NAMESPACE, then types and names in turn.
  return at(4) === "providers" && segments.length >= 8 && segments.length % 2 === 0 ? "resource" : undefined;
}

/** The segments of a path, without empty ones at its ends. */
export function split(path: string): string[] {
  return path.replace(/^\/+|\/+$/g, "").split("/");
}

function isPlaceholder(segment: string): boolean {
  return segment.startsWith("{");
}

/** Sorts literals before placeholders, segment by segment, and `{scope}` behind all. */
function rank({ segments }: Pattern): string {
  return segments.map((segment) => (segment === scope ? "2" : isPlaceholder(segment) ? "1" : "0")).join("");
}
