import type { ResourceProvider, Route } from "./provider.ts";
import type { ScopeKind } from "./types.ts";

export interface Match {
  route: Route;
  parameters: Record<string, string>;
}

/** The patterns of what `{scope}` may stand for. */
const scopes: Record<ScopeKind, string> = {
  subscription: "/subscriptions/[^/]+",
  group: "/subscriptions/[^/]+/resourceGroups/[^/]+",
  // providers/NAMESPACE, then types and names in turn.
  resource: "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+(/[^/]+/[^/]+)+",
};
const everyScope = Object.keys(scopes) as ScopeKind[];

/**
 * Finds the route of a path among those of all resource providers; literal segments win over placeholders, and both
 * over a path that begins with `{scope}`.
 */
export class Router {
  readonly #routes: { route: Route; pattern: RegExp }[];

  constructor(providers: ResourceProvider[]) {
    const routes = providers.flatMap((provider) => provider.routes);
    routes.sort((a, b) => rank(a).localeCompare(rank(b)));
    this.#routes = routes.map((route) => ({ route, pattern: patternOf(route) }));
  }

  /**
   * @param path - without a slash at its end; no segment of it has one encoded.
   * @throws URIError when a segment is not valid percent-encoding.
   */
  match(path: string): Match | undefined {
    const decoded = decodeURIComponent(path);
    for (const { route, pattern } of this.#routes) {
      const found = pattern.exec(decoded);
      if (found) return { route, parameters: { ...found.groups } };
    }
    return undefined;
  }
}

/** What a route's paths look like, the value of each placeholder in a group of its name. */
function patternOf({ path, scopes: allowed = everyScope }: Route): RegExp {
  const pattern = path
    .replaceAll(".", "\\.")
    .replace(/^\/?\{scope\}/, `(?<scope>${allowed.map((kind) => scopes[kind]).join("|")})`)
    .replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${pattern}$`, "i");
}

/** Sorts literals before placeholders, segment by segment, and `{scope}` behind all. */
function rank({ path }: Route): string {
  const segments = path.replace(/^\//, "").split("/");
  return segments.map((one) => (one === "{scope}" ? "2" : one.startsWith("{") ? "1" : "0")).join("");
}
