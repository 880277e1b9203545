import type { Route } from "../http/routes.ts";
import type { ScoringService } from "../scoring/service.ts";
import { operation } from "./operations.ts";

type Json = Record<string, unknown>;

const info = ({ settings }: ScoringService) => ({
  title: settings.serviceName,
  version: settings.serviceVersion,
  description: `API specification for the Azure Machine Learning service ${settings.serviceName}`,
});

const ERROR = { type: "object", properties: { message: { type: "string" } } };

/** Every method of every route of the app, so that the document cannot fall behind it. */
function operations(routes: Route[]): [path: string, method: string][] {
  return routes.flatMap((route) =>
    Object.keys(route.methods).map((method): [string, string] => [route.path, method.toLowerCase()]),
  );
}

/** OpenAPI 3. */
export function openApi3(service: ScoringService, routes: Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const [path, method] of operations(routes)) {
    const { summary, statuses, body, parameters } = operation(path, method);
    paths[path] ??= {};
    paths[path][method] = {
      operationId: `${method}${path.replaceAll(/[^a-z0-9]+/gi, "_")}`,
      summary,
      ...(parameters && { parameters: parameters.map((p) => ({ ...p, schema: { type: "string" } })) }),
      ...(body && {
        requestBody: {
          required: true,
          content: Object.fromEntries(
            body.map((type) => [
              type,
              type === "application/json"
                ? { schema: { type: "object" }, ...(path === "/score" && { example: service.sample }) }
                : { schema: { type: "string" } },
            ]),
          ),
        },
      }),
      responses: Object.fromEntries(
        Object.entries(statuses).map(([status, description]) => [
          status,
          status < "400"
            ? { description }
            : {
                description,
                content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
              },
        ]),
      ),
    };
  }
  return { openapi: "3.0.3", info: info(service), paths, components: { schemas: { Error: ERROR } } };
}

/** Swagger 2. */
export function swagger2(service: ScoringService, routes: Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const [path, method] of operations(routes)) {
    const { summary, statuses, body, parameters } = operation(path, method);
    const schema = { type: "object", ...(path === "/score" && { example: service.sample }) };
    paths[path] ??= {};
    paths[path][method] = {
      operationId: `${method}${path.replaceAll(/[^a-z0-9]+/gi, "_")}`,
      summary,
      ...(body && { consumes: body }),
      parameters: [
        ...(parameters ?? []).map((p) => ({ ...p, type: "string" })),
        ...(body ? [{ name: "body", in: "body", required: true, schema }] : []),
      ],
      responses: Object.fromEntries(
        Object.entries(statuses).map(([status, description]) => [
          status,
          status < "400" ? { description } : { description, schema: { $ref: "#/definitions/Error" } },
        ]),
      ),
    };
  }
  return {
    swagger: "2.0",
    info: info(service),
    schemes: ["http", "https"],
    paths,
    definitions: { Error: ERROR },
  };
}
