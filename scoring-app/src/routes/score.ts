import { parseContent, parseJson, parseQuery } from "../http/content.ts";
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
  const readJson = (body: Buffer) => service.readTable(body) ?? parseJson(body);
  const scored = (dataOf: (exchange: Exchange, body: Buffer) => unknown) =>
    admitted(service, {
      run(exchange, body) {
        const data = dataOf(exchange, body);
        exchange.runStarted = performance.now();
        return service.score(data, exchange);
      },
      answer(exchange, result) {
        const json = JSON.stringify(result) ?? "null";
        exchange.addHeader("x-ms-run-fn-exec-ms", milliseconds(performance.now() - exchange.runStarted!));
        exchange.addHeader("x-ms-run-function-failed", "False");
        exchange.send(200, JSON_TYPE, json);
      },
    });
  return {
    path: "/score",
    methods: {
      POST: scored(({ request }, body) => parseContent(request.headers["content-type"], body, readJson)),
      GET: scored(({ query }) => parseQuery(query)),
      OPTIONS: (exchange) => exchange.send(200, TEXT_TYPE, ""),
    },
  };
}
