import { TEXT_TYPE } from "../http/exchange.ts";
import type { Route } from "../http/routes.ts";
import type { ScoringService } from "../scoring/service.ts";

/** GET / as Azure ML's server answers it, and the two health paths of the Open Inference Protocol. */
export function healthRoutes(service: ScoringService): Route[] {
  return [
    { path: "/", methods: { GET: (exchange) => exchange.send(200, TEXT_TYPE, "Healthy") } },
    { path: "/v2/health/live", methods: { GET: (exchange) => exchange.sendJson(200, { live: true }) } },
    {
      path: "/v2/health/ready",
      methods: {
        GET: (exchange) => exchange.sendJson(service.ready ? 200 : 503, { ready: service.ready }),
      },
    },
  ];
}
