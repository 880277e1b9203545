import { jsonOf } from "../exact-json.ts";
import { type Exchange, JSON_TYPE } from "../http/exchange.ts";
import type { Handler } from "../http/routes.ts";
import { FUNCTION_FAILED, Reply } from "../scoring/reply.ts";
import type { ScoringService } from "../scoring/service.ts";
import { admitted } from "./admitted.ts";

/** With three decimal places, as toFixed(3) at a fraction of its cost. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  const whole = Math.floor(micros / 1000);
  return `${whole}.${String(micros - whole * 1000).padStart(3, "0")}`;
}

/** Handlers that answer with what the scorer makes of a request, which `read` reads. */
export function scoredBy(
  service: ScoringService,
): (read: (exchange: Exchange, body: Buffer) => unknown) => Handler {
  const { scorer } = service;
  return (read) =>
    admitted(service, {
      run(exchange, body) {
        const data = read(exchange, body);
        exchange.runStarted = performance.now();
        const { requestId, traceparent, method, path, query, request } = exchange;
        return scorer.run(data, {
          requestId,
          traceparent,
          method,
          path,
          query,
          headers: request.headers,
          rawHeaders: request.rawHeaders,
          body,
        });
      },
      answer(exchange, result) {
        const reply = result instanceof Reply ? result : undefined;
        const json = reply ? "" : jsonOf(result);
        const ms = reply?.runMs === undefined ? performance.now() - exchange.runStarted! : reply.runMs;
        if (ms !== null) exchange.addHeader("x-ms-run-fn-exec-ms", milliseconds(ms));
        if (!reply) {
          exchange.addHeader(FUNCTION_FAILED, "False");
          return exchange.send(200, JSON_TYPE, json);
        }
        for (const [name, value] of reply.headers) exchange.addHeader(name, value);
        exchange.send(reply.status, reply.contentType, reply.body);
      },
    });
}
