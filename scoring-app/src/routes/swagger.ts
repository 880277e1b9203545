import { ScoringError } from "../errors.ts";
import { JSON_TYPE } from "../http/exchange.ts";
import { ok } from "../http/operation.ts";
import type { Route } from "../http/routes.ts";
import { openApi3, swagger2 } from "../openapi/documents.ts";
import type { ScoringService } from "../scoring/service.ts";

/** /swagger.json?version=2|3, version 2 unless asked, as Azure ML's server; a file of the script's author takes precedence. */
export function swaggerRoute({ settings, scorer }: ScoringService, routes: () => Route[]): Route {
  return {
    path: "/swagger.json",
    methods: {
      GET: {
        summary: "This document",
        parameters: [{ name: "version", in: "query", required: false, description: "2 (default) or 3" }],
        statuses: { ...ok("The document"), "404": "No such version" },
        handle(exchange) {
          const asked = new URLSearchParams(exchange.query).get("version") ?? "2";
          const version = asked.replace(/\.0$/, "");
          const own = scorer.documents?.get(version);
          if (own !== undefined) exchange.send(200, JSON_TYPE, own);
          else if (version === "3") exchange.sendJson(200, openApi3(settings, routes()));
          else if (version === "2") exchange.sendJson(200, swagger2(settings, routes()));
          else
            throw new ScoringError(
              404,
              `Swagger version [${asked}] is not valid. Supported versions: [2, 3].`,
            );
        },
      },
    },
  };
}
