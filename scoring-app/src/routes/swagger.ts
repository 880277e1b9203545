import { ScoringError } from "../errors.ts";
import type { Route } from "../http/routes.ts";
import { openApi3, swagger2 } from "../openapi/documents.ts";
import { ok } from "../openapi/operation.ts";
import type { ScoringService } from "../scoring/service.ts";

/** /swagger.json?version=2|3, version 2 unless asked, as Azure ML's server. */
export function swaggerRoute({ settings }: ScoringService, routes: () => Route[]): Route {
  return {
    path: "/swagger.json",
    methods: {
      GET: {
        summary: "This document",
        parameters: [{ name: "version", in: "query", required: false, description: "2 (default) or 3" }],
        statuses: { ...ok("The document"), "404": "No such version" },
        handle(exchange) {
          const version = new URLSearchParams(exchange.query).get("version") ?? "2";
          if (version === "3" || version === "3.0") exchange.sendJson(200, openApi3(settings, routes()));
          else if (version === "2" || version === "2.0") exchange.sendJson(200, swagger2(settings, routes()));
          else
            throw new ScoringError(
              404,
              `Swagger version [${version}] is not valid. Supported versions: [2, 3].`,
            );
        },
      },
    },
  };
}
