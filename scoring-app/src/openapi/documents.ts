import type { Route } from "../http/routes.ts";
import type { Operation } from "./operation.ts";

type Json = Record<string, unknown>;

/** What the documents say of the service. */
export interface Service {
  serviceName: string;
  serviceVersion: string;
}

const info = ({ serviceName, serviceVersion }: Service) => ({
  title: serviceName,
  version: serviceVersion,
  description: `API specification for the Azure Machine Learning service ${serviceName}`,
});

const ERRORS = {
  Error: { type: "object", properties: { message: { type: "string" } } },
  InferenceError: { type: "object", properties: { error: { type: "string" } } },
};
const errorName = (path: string) => (path.startsWith("/v2") ? "InferenceError" : "Error");

/** Every method of every route of the app, so that the document cannot fall behind it. */
function pathsOf(routes: Route[], describe: (path: string, operation: Operation) => Json): Json {
  return Object.fromEntries(
    routes.map(({ path, methods }) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([name, operation]) => {
          const method = name.toLowerCase();
          const operationId = `${method}${path.replaceAll(/[^a-z0-9]+/gi, "_")}`;
          return [method, { operationId, summary: operation!.summary, ...describe(path, operation!) }];
        }),
      ),
    ]),
  );
}

const responses = ({ statuses }: Operation, success: Json, failure: Json) =>
  Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, ...(status < "400" ? success : failure) },
    ]),
  );

const ANY_JSON = { "application/json": { schema: {} } };

/** OpenAPI 3. */
export function openApi3(service: Service, routes: Route[]): Json {
  const paths = pathsOf(routes, (path, operation) => {
    const { body, bodyOptional, answers = ANY_JSON, parameters } = operation;
    const error = { $ref: `#/components/schemas/${errorName(path)}` };
    return {
      ...(parameters && {
        parameters: parameters.map(({ schema, ...parameter }) =>
          schema
            ? { ...parameter, required: true, content: { "application/json": { schema } } }
            : { ...parameter, schema: { type: "string" } },
        ),
      }),
      ...(body && { requestBody: { required: !bodyOptional, content: body } }),
      responses: responses(
        operation,
        { content: answers },
        { content: { "application/json": { schema: error } } },
      ),
    };
  });
  return { openapi: "3.0.3", info: info(service), paths, components: { schemas: ERRORS } };
}

/** Swagger 2. */
export function swagger2(service: Service, routes: Route[]): Json {
  const paths = pathsOf(routes, (path, operation) => {
    const { body, bodyOptional, bodyDescription, answers = ANY_JSON, parameters = [] } = operation;
    const example = body?.["application/json"]?.example;
    const schema = { type: "object", ...(example !== undefined && { example }) };
    return {
      ...(body && { consumes: Object.keys(body) }),
      produces: Object.keys(answers),
      parameters: [
        ...parameters.map(({ schema: _, ...parameter }) => ({ ...parameter, type: "string" })),
        ...(body
          ? [{ name: "body", in: "body", required: !bodyOptional, description: bodyDescription, schema }]
          : []),
      ],
      responses: responses(operation, {}, { schema: { $ref: `#/definitions/${errorName(path)}` } }),
    };
  });
  return { swagger: "2.0", info: info(service), schemes: ["http", "https"], paths, definitions: ERRORS };
}
