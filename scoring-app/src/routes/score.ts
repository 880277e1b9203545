import { parseContent, parseQuery } from "../http/content.ts";
import { type Exchange, JSON_TYPE } from "../http/exchange.ts";
import type { Route } from "../http/routes.ts";
import type { ScoringService } from "../scoring/service.ts";
import { admitted } from "./admitted.ts";

/** /score: POST with a body, GET with a query, OPTIONS for browsers of other origins. */
export function scoreRoute(service: ScoringService): Route {
  const score = async (exchange: Exchange, data: unknown) => {
    const started = performance.now();
    const result = await service.score(data, exchange);
    exchange.addHeader("x-ms-run-fn-exec-ms", (performance.now() - started).toFixed(3));
    exchange.addHeader("x-ms-run-function-failed", "False");
    exchange.send(200, JSON_TYPE, JSON.stringify(result ?? null));
  };
  return {
    path: "/score",
    methods: {
      POST: (exchange) =>
        admitted(service, exchange, (body) =>
          score(exchange, parseContent(exchange.request.headers["content-type"], body)),
        ),
      GET: (exchange) => admitted(service, exchange, () => score(exchange, parseQuery(exchange.query))),
      OPTIONS: (exchange) => exchange.send(200, JSON_TYPE, ""),
    },
  };
}
