import { parseContent, parseQuery } from "../http/content.ts";
import { type Exchange, JSON_TYPE, TEXT_TYPE } from "../http/exchange.ts";
import type { Route } from "../http/routes.ts";
import type { ScoringService } from "../scoring/service.ts";
import { admitted } from "./admitted.ts";

/** With three decimal places, as toFixed(3) at a fraction of its cost. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  const whole = Math.floor(micros / 1000);
  return `${whole}.${String(micros - whole * 1000).padStart(3, "0")}`;
}

/** /score: POST with a body, GET with a query, OPTIONS for browsers of other origins. */
export function scoreRoute(service: ScoringService): Route {
  const score = async (exchange: Exchange, data: unknown) => {
    const started = performance.now();
    const result = await service.score(data, exchange);
    exchange.addHeader("x-ms-run-fn-exec-ms", milliseconds(performance.now() - started));
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
      OPTIONS: (exchange) => exchange.send(200, TEXT_TYPE, ""),
    },
  };
}
