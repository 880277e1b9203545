import { ScoringError } from "../errors.ts";
import type { Exchange } from "./exchange.ts";

/** Answers a request, at once or when the promise is fulfilled. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

export interface Route {
  path: string;
  /** The path stands for everything that starts with it. */
  prefix?: boolean;
  /** Handlers by method; HEAD is served by GET's. */
  methods: Partial<Record<string, Handler>>;
}

/** @throws ScoringError 404 for an unknown path, 405 (with Allow) for a method that the path does not have. */
export function findRoute(route: Route | undefined, exchange: Exchange): Handler {
  if (!route) throw new ScoringError(404, `${exchange.path} is not there`);
  const { method } = exchange;
  const handler = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
  if (handler) return handler;
  if (method === "HEAD" && route.methods.GET) return route.methods.GET;
  exchange.addHeader("allow", Object.keys(route.methods).join(", "));
  throw new ScoringError(405, `${method} is not allowed on ${exchange.path}`);
}
