import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf, ScoringError } from "../errors.ts";
import { jsonOf } from "../exact-json.ts";
import type { Log } from "../log.ts";
import { errorBody, FUNCTION_FAILED } from "../scoring/reply.ts";
import type { ScoringService } from "../scoring/service.ts";
import { Exchange, type Host, JSON_TYPE } from "./exchange.ts";
import { Holds } from "./holds.ts";
import { idleTimeout } from "./idle.ts";
import { handlerOf, type Route, RouteTable } from "./routes.ts";

/** So much of a refused body is read and dropped, which costs less than a new connection. */
const DROPPED_BYTES = 1024 * 1024;
/** Of a request's body, at most. */
function bytesToCome({ complete, headers }: IncomingMessage): number {
  if (complete) return 0;
  return headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : Infinity;
}

export interface AppParts {
  service: ScoringService;
  log: Log;
  /** Beyond the routes of every app, e.g. /metrics. */
  routes: Route[];
  /** Told of every answered request. */
  onAnswered(exchange: Exchange): void;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** The application: a request listener without a socket. Errors become responses here and nowhere else. */
export function createApp(parts: AppParts): Listener {
  const { service, log, routes, onAnswered } = parts;
  const table = new RouteTable(routes);
  const holds = new Holds();

  const fail = (exchange: Exchange, error: unknown) => {
    const v2 = exchange.path.startsWith("/v2");
    const body = (message: string) => (v2 ? jsonOf({ error: message }) : errorBody(message));
    const failed = !(error instanceof ScoringError) || error.status === 504;
    if (failed && exchange.runStarted !== undefined) exchange.addHeader(FUNCTION_FAILED, "True");
    else if (!v2) exchange.addHeader(FUNCTION_FAILED, "False");
    if (error instanceof ScoringError) {
      if (error.retryAfter !== undefined) {
        exchange.addHeader("retry-after", String(error.retryAfter));
        holds.hold(exchange);
      }
      // The rest of a small body is read and dropped; a larger one is not waited for.
      if (bytesToCome(exchange.request) > DROPPED_BYTES) exchange.closeConnection();
      exchange.send(error.status, JSON_TYPE, body(error.message));
    } else {
      log.error("request failed", {
        requestId: exchange.requestId,
        path: exchange.path,
        error: messageOf(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
      exchange.send(
        500,
        JSON_TYPE,
        body(
          `An unexpected error occurred in scoring script. Check the logs for request ${exchange.requestId}.`,
        ),
      );
    }
  };
  const { settings } = service;
  const { serverVersion, revision } = settings;
  const host: Host = {
    settings,
    headers: [
      ...["x-ms-server-version", serverVersion],
      ...(revision ? ["x-scoring-revision", revision] : []),
    ],
    keepAlive: `timeout=${Math.floor(idleTimeout(settings) / 1000)}`,
    answered: onAnswered,
    fail,
  };

  return (request, response) => {
    const exchange = new Exchange(request, response, host);
    try {
      exchange.checkIds();
      const route = table.find(exchange);
      exchange.route = route;
      const done = handlerOf(exchange, route)(exchange);
      if (done instanceof Promise) done.catch((error: unknown) => fail(exchange, error));
    } catch (error) {
      fail(exchange, error);
    }
  };
}
