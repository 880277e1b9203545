import { TEXT_TYPE } from "../http/exchange.ts";
import type { Route } from "../http/routes.ts";
import { ok, TEXT } from "../openapi/operation.ts";
import type { ScoringService } from "../scoring/service.ts";

/** GET / as Azure ML's server answers it, and the two health paths of the Open Inference Protocol. */
export function healthRoutes(service: ScoringService): Route[] {
  return [
    {
      path: "/",
      methods: {
        GET: {
          summary: "Whether the server is up",
          statuses: ok("The text Healthy"),
          answers: { "text/plain": TEXT },
          handle: (exchange) => exchange.send(200, TEXT_TYPE, "Healthy"),
        },
      },
    },
    {
      path: "/v2/health/live",
      methods: {
        GET: {
          summary: "Whether the server is up",
          statuses: ok("It is"),
          handle: (exchange) => exchange.sendJson(200, { live: true }),
        },
      },
    },
    {
      path: "/v2/health/ready",
      methods: {
        GET: {
          summary: "Whether the app has scored its own sample and is not shutting down",
          statuses: { ...ok("It is ready"), "503": "It is not" },
          handle: (exchange) => exchange.sendJson(service.ready ? 200 : 503, { ready: service.ready }),
        },
      },
    },
  ];
}
