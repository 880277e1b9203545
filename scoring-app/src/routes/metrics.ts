import type { Route } from "../http/routes.ts";
import { ok, TEXT } from "../openapi/operation.ts";

/** /metrics for Prometheus. @param collect text of this process, or of all workers. */
export function metricsRoute(contentType: string, collect: () => Promise<string>): Route {
  return {
    path: "/metrics",
    methods: {
      GET: {
        summary: "Metrics in Prometheus format",
        statuses: ok("Metrics"),
        answers: { "text/plain": TEXT },
        handle: async (exchange) => exchange.send(200, contentType, await collect()),
      },
    },
  };
}
