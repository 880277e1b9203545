import { badRequest, ScoringError } from "../errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Operation } from "./operation.ts";

/** Answers a request, now or later. What a promise of its is rejected with is answered too. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

/** A method of a route, and what /swagger.json says of it. */
export interface Method extends Operation {
  handle: Handler;
}

export interface Route {
  /** A path, or a template: `{name}` stands for one segment, which the exchange's params then hold. */
  path: string;
  /** By name; HEAD is served by GET. */
  methods: Partial<Record<string, Method>>;
}

/** Finds a path's route: whole paths first, then templates. */
export class RouteTable {
  readonly #paths: Map<string, Route>;
  readonly #templates: { segments: string[]; route: Route }[];

  constructor(routes: Route[]) {
    this.#paths = new Map(routes.map((route) => [route.path, route]));
    this.#templates = routes
      .filter((route) => route.path.includes("{"))
      .map((route) => ({ segments: route.path.split("/"), route }));
  }

  /** @throws ScoringError 400 for a segment that is not percent-encoded text. */
  find(exchange: Exchange): Route | undefined {
    const route = this.#paths.get(exchange.path);
    if (route) return route;
    const given = exchange.path.split("/");
    const found = this.#templates.find(
      ({ segments }) =>
        segments.length === given.length &&
        segments.every((segment, index) => segment.startsWith("{") || segment === given[index]),
    );
    found?.segments.forEach((segment, index) => {
      if (segment.startsWith("{")) exchange.params[segment.slice(1, -1)] = decoded(given[index]!);
    });
    return found?.route;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`${segment} is not percent-encoded text`);
  }
}

/** @throws ScoringError 404 for an unknown path, 405 (with Allow) for a method that the path does not have. */
export function handlerOf(exchange: Exchange, route: Route | undefined): Handler {
  const { method } = exchange;
  if (!route) throw new ScoringError(404, `${exchange.path} is not there`);
  const found = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
  if (found) return found.handle;
  if (method === "HEAD" && route.methods.GET) return route.methods.GET.handle;
  exchange.addHeader("allow", Object.keys(route.methods).join(", "));
  throw new ScoringError(405, `${method} is not allowed on ${exchange.path}`);
}
