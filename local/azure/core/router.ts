import type { ResourceProvider, Route } from "./types.ts";

export interface Match {
  route: Route;
  provider: ResourceProvider;
  parameters: Record<string, string>;
}

interface Pattern {
  route: Route;
  provider: ResourceProvider;
  segments: string[];
}

/** Finds the route of a path among those of all resource providers; literal segments win over placeholders. */
export class Router {
  readonly #patterns: Pattern[];

  constructor(providers: ResourceProvider[]) {
    this.#patterns = providers.flatMap((provider) =>
      provider.routes.map((route) => ({ route, provider, segments: split(route.path) })),
    );
    this.#patterns.sort((a, b) => rank(a).localeCompare(rank(b)));
  }

  /** @throws URIError when a segment is not valid percent-encoding. */
  match(path: string): Match | undefined {
    const segments = split(path).map(decodeURIComponent);
    for (const { route, provider, segments: pattern } of this.#patterns) {
      if (pattern.length !== segments.length) continue;
      const parameters: Record<string, string> = {};
      const fits = pattern.every((expected, index) => {
        const actual = segments[index]!;
        if (!isPlaceholder(expected)) return expected.toLowerCase() === actual.toLowerCase();
        parameters[expected.slice(1, -1)] = actual;
        return true;
      });
      if (fits) return { route, provider, parameters };
    }
    return undefined;
  }
}

/** The segments of a path, without empty ones at its ends. */
export function split(path: string): string[] {
  return path.replace(/^\/+|\/+$/g, "").split("/");
}

function isPlaceholder(segment: string): boolean {
  return segment.startsWith("{");
}

/** Sorts literals before placeholders, segment by segment. */
function rank(pattern: Pattern): string {
  return pattern.segments.map((segment) => (isPlaceholder(segment) ? "1" : "0")).join("");
}
