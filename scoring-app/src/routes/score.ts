import { parseContent, parseQuery } from "../http/content.ts";
import { type Exchange, JSON_TYPE, TEXT_TYPE } from "../http/exchange.ts";
import type { Route } from "../http/routes.ts";
import { RunFailure, type ScoringService } from "../scoring/service.ts";
import { admitted } from "./admitted.ts";

/** With three decimal places, as toFixed(3) at a fraction of its cost. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  const whole = Math.floor(micros / 1000);
  return `${whole}.${String(micros - whole * 1000).padStart(3, "0")}`;
}

/** @throws RunFailure where run() returned what JSON has no form for, e.g. a BigInt. */
function asJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? "null";
  } catch (error) {
    throw new RunFailure(error);
  }
}

/** /score: POST with a body, GET with a query, OPTIONS for browsers of other origins. */
export function scoreRoute(service: ScoringService): Route {
  const score = async (exchange: Exchange, data: unknown) => {
    const started = performance.now();
    const result = asJson(await service.score(data, exchange));
    exchange.addHeader("x-ms-run-fn-exec-ms", milliseconds(performance.now() - started));
    exchange.addHeader("x-ms-run-function-failed", "False");
    exchange.send(200, JSON_TYPE, result);
  };
  return {
    path: "/score",
    methods: {
      POST: (exchange) =>
        admitted(service, exchange, (body) =>
          score(exchange, parseContent(exchange.request.headers["content-type"], body)),
        ),
      GET: (exchange) => admitted(service, exchange, () => score(exchange, parseQuery(exchange.query))),
      OPTIONS: (exchange) => exchange.send(200, TEXT_TYPE, ""),
    },
  };
}
