import type { Route } from "../http/routes.ts";
import type { Model } from "../model/model.ts";
import { csvCell } from "../scoring/csv.ts";
import type { ScoringService } from "../scoring/service.ts";
import { operation, type Parameter } from "./operations.ts";
import { bodySchema, PREDICTIONS, rowsSchema } from "./schemas.ts";

type Json = Record<string, unknown>;

const info = ({ settings }: ScoringService) => ({
  title: settings.serviceName,
  version: settings.serviceVersion,
  description: `API specification for the Azure Machine Learning service ${settings.serviceName}`,
});

const ERRORS = {
  Error: { type: "object", properties: { message: { type: "string" } } },
  InferenceError: { type: "object", properties: { error: { type: "string" } } },
};
const errorName = (path: string) => (path.startsWith("/v2") ? "InferenceError" : "Error");
const operationId = (path: string, method: string) => `${method}${path.replaceAll(/[^a-z0-9]+/gi, "_")}`;

/** Every method of every route of the app, so that the document cannot fall behind it. */
function operations(routes: Route[]): [path: string, method: string][] {
  return routes.flatMap((route) =>
    Object.keys(route.methods).map((method): [string, string] => [route.path, method.toLowerCase()]),
  );
}

/** The model that /score serves by itself; an entry script may take and answer anything. */
function servedModel(service: ScoringService): Model | undefined {
  return service.settings.entryScript ? undefined : service.models.values().next().value;
}

/** Text, of which the sample under a header line is an example. */
function csvBody(model: Model | undefined): Json {
  const schema = { type: "string", description: "A header line, then a line a row" };
  if (!model) return { schema };
  const { sample, signature } = model;
  const header = signature.columns ?? sample.map((_, column) => String(column));
  const lines = [header, sample].map((cells) => cells.map(csvCell).join(","));
  return { schema, example: `${lines.join("\n")}\n` };
}

/** OpenAPI 3. */
export function openApi3(service: ScoringService, routes: Route[]): Json {
  const model = servedModel(service);
  const bodyOf = (path: string, type: string): Json => {
    if (type === "text/csv") return csvBody(model);
    if (type !== "application/json") return { schema: { type: "string" } };
    if (path !== "/score") return { schema: { type: "object" } };
    return { schema: model ? bodySchema(model.signature) : {}, example: service.sample };
  };
  const answerOf = (path: string, type: string): Json => {
    if (type !== "application/json") return { schema: { type: "string" } };
    return { schema: path === "/score" && model ? PREDICTIONS : {} };
  };
  const parameterOf = (path: string, parameter: Parameter): Json =>
    path === "/score" && model
      ? {
          ...parameter,
          required: true,
          content: { "application/json": { schema: rowsSchema(model.signature) } },
        }
      : { ...parameter, schema: { type: "string" } };
  const contents = (types: string[], content: (type: string) => Json) =>
    Object.fromEntries(types.map((type) => [type, content(type)]));
  const paths: Record<string, Json> = {};
  for (const [path, method] of operations(routes)) {
    const { summary, statuses, body, bodyOptional, answers, parameters } = operation(path, method);
    const answer = contents(answers ?? ["application/json"], (type) => answerOf(path, type));
    paths[path] ??= {};
    paths[path][method] = {
      operationId: operationId(path, method),
      summary,
      ...(parameters && { parameters: parameters.map((parameter) => parameterOf(path, parameter)) }),
      ...(body && {
        requestBody: { required: !bodyOptional, content: contents(body, (type) => bodyOf(path, type)) },
      }),
      responses: Object.fromEntries(
        Object.entries(statuses).map(([status, description]) => [
          status,
          {
            description,
            content:
              status < "400"
                ? answer
                : { "application/json": { schema: { $ref: `#/components/schemas/${errorName(path)}` } } },
          },
        ]),
      ),
    };
  }
  return { openapi: "3.0.3", info: info(service), paths, components: { schemas: ERRORS } };
}

/** Swagger 2. */
export function swagger2(service: ScoringService, routes: Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const [path, method] of operations(routes)) {
    const { summary, statuses, body, bodyOptional, answers, parameters } = operation(path, method);
    const schema = { type: "object", ...(path === "/score" && { example: service.sample }) };
    paths[path] ??= {};
    paths[path][method] = {
      operationId: operationId(path, method),
      summary,
      ...(body && { consumes: body }),
      produces: answers ?? ["application/json"],
      parameters: [
        ...(parameters ?? []).map((p) => ({ ...p, type: "string" })),
        ...(body ? [{ name: "body", in: "body", required: !bodyOptional, schema }] : []),
      ],
      responses: Object.fromEntries(
        Object.entries(statuses).map(([status, description]) => [
          status,
          status < "400"
            ? { description }
            : { description, schema: { $ref: `#/definitions/${errorName(path)}` } },
        ]),
      ),
    };
  }
  return {
    swagger: "2.0",
    info: info(service),
    schemes: ["http", "https"],
    paths,
    definitions: ERRORS,
  };
}
