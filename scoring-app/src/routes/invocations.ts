import { JSON_TYPE } from "../http/exchange.ts";
import { BODY_STATUSES, ok, WORK_STATUSES } from "../http/operation.ts";
import type { Route } from "../http/routes.ts";
import type { ScoringService } from "../scoring/service.ts";
import { scoredBy } from "./scored.ts";

/** The paths of MLflow's own server, where an MLflow model is served. */
export function invocationRoutes(service: ScoringService): Route[] {
  const { scorer } = service;
  const { invocations } = scorer;
  if (!invocations) return [];
  const health = (path: string): Route => ({
    path,
    methods: {
      GET: {
        summary: "Whether the server is up, as MLflow's server answers",
        statuses: ok("It is"),
        handle: (exchange) => exchange.send(200, JSON_TYPE, "\n"),
      },
    },
  });
  const { input, output, example } = invocations;
  return [
    {
      path: "/invocations",
      methods: {
        POST: {
          summary: "Scores rows, as MLflow's server does",
          body: {
            [JSON_TYPE]: { schema: input, ...(example !== undefined && { example }) },
            "text/csv": { schema: { type: "string", description: "A header line, then a line a row" } },
          },
          answers: { [JSON_TYPE]: { schema: output } },
          statuses: { ...ok("Predictions"), ...BODY_STATUSES, ...WORK_STATUSES },
          handle: scoredBy(service)(({ request }, body) =>
            scorer.read(body, request.headers["content-type"]),
          ),
        },
      },
    },
    health("/ping"),
    health("/health"),
  ];
}
