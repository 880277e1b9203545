import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import {
  checkApiVersion,
  checkConditions,
  checkGroup,
  checkSubscription,
  checkToken,
  noRoute,
  scopeOf,
} from "./checks.ts";
import { ArmError, errorBody } from "./errors.ts";
import { metadataEndpoints } from "./metadata.ts";
import type { ProviderContext, Route } from "./provider.ts";
import { readBody } from "./request-body.ts";
import { Router } from "./router.ts";
import type { ArmResponse, Method } from "./types.ts";

const methodsOfRoutes: readonly string[] = ["GET", "PUT", "PATCH", "POST", "DELETE"];

/** Azure Resource Manager as a request listener: checks, routes, and words every answer and every error. */
export function frontDoor(context: ProviderContext): RequestListener {
  const router = new Router(context.providers());
  return (request, response) => {
    answer(request, router, context)
      .then((result) => send(request, response, result))
      .catch((error: Error) => {
        context.log(`${request.method} ${request.url} could not be answered: ${error.stack}`);
        response.destroy();
      });
  };
}

interface Answer extends ArmResponse {
  contentType: string;
}

const json = "application/json; charset=utf-8";

async function answer(request: IncomingMessage, router: Router, context: ProviderContext): Promise<Answer> {
  // Microsoft.Web answers without the charset.
  const contentType = /\/providers\/Microsoft\.Web\//i.test(request.url ?? "") ? "application/json" : json;
  try {
    return { contentType, ...(await dispatch(request, router, context)) };
  } catch (error) {
    if (error instanceof ArmError) {
      return {
        contentType: json,
        status: error.status,
        headers: { "x-ms-failure-cause": "gateway", ...challenge(error, context.tenantId) },
        body: errorBody(error),
      };
    }
    const { message, stack } = error as Error;
    context.log(`${request.method} ${request.url} failed: ${stack}`);
    const internal = new ArmError(500, "InternalServerError", `Local Azure failed: ${message}`);
    return { contentType: json, status: 500, body: errorBody(internal) };
  }
}

async function dispatch(
  request: IncomingMessage,
  router: Router,
  context: ProviderContext,
): Promise<ArmResponse> {
  const { subscriptionId, store, operations } = context;
  const providers = context.providers();
  const origin = `https://${request.headers.host ?? "localhost"}`;
  const url = parseUrl(request.url ?? "/", origin);
  const path = url.pathname.replace(/\/+$/, "");
  const query = new URLSearchParams(
    [...url.searchParams].map(([name, value]): [string, string] => [name.toLowerCase(), value]),
  );
  const method = request.method as Method;
  if (path.toLowerCase() === "/metadata/endpoints" && method === "GET") {
    return metadataEndpoints(origin, query.get("api-version") ?? "");
  }
  checkToken(request.headers.authorization, context.tokens);
  const scope = scopeOf(path);
  const apiVersion = checkApiVersion(query.get("api-version"), scope, providers);
  if (method === "GET") {
    const poll = operations.poll(path, url.href);
    if (poll) return poll;
  }
  checkSubscription(scope, subscriptionId);
  const inGroup = () => checkGroup(scope, method, subscriptionId, store);
  const match = router.match(path);
  if (!match) {
    inGroup();
    throw noRoute(scope, path, apiVersion, providers);
  }
  const handler = handlerOf(match.route, method);
  if (!handler) {
    const message = `The HTTP method '${method}' is not supported on the resource '${path}'.`;
    throw new ArmError(405, "MethodNotAllowed", message);
  }
  inGroup();
  checkConditions(request.headers, method);
  const body = await readBody(request, method);
  const { parameters } = match;
  return handler({ method, path, parameters, apiVersion, query, body, origin, checkGroup: inGroup });
}

/** HEAD asks whether a resource is there, as the SDKs' checkExistence does: 204, or what GET fails with. */
function handlerOf({ path, methods }: Route, method: Method): Route["methods"]["GET"] {
  if (method !== "HEAD") return methodsOfRoutes.includes(method) ? methods[method] : undefined;
  const { GET: get } = methods;
  if (!get || !path.endsWith("}")) return undefined;
  return async (request) => {
    await get(request);
    return { status: 204 };
  };
}

/** Slashes in a row count as one: az and the SDKs leave the path of an absent parent resource empty. */
function parseUrl(target: string, origin: string): URL {
  const [path = "", ...query] = target.split("?");
  try {
    const url = new URL([path.replace(/^\/+/, "/"), ...query].join("?"), origin);
    url.pathname = url.pathname.replace(/\/{2,}/g, "/");
    decodeURIComponent(url.pathname);
    // A name with a slash in it would be another resource's path.
    if (!/%2f/i.test(url.pathname)) return url;
  } catch {
    // Said below.
  }
  throw new ArmError(400, "BadRequest", `The request URL '${target}' is not valid.`);
}

/** Clients find the tenant by it. */
function challenge(error: ArmError, tenantId: string): Record<string, string> {
  if (error.status !== 401) return {};
  // What the message quotes of a token is anybody's: no header takes every character.
  const description = error.message.replace(/[^\x20-\x7e]|["\\]/g, "?");
  return {
    "WWW-Authenticate": `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", error_description="${description}"`,
  };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, headers, body, contentType } = answer;
  const id = randomUUID();
  const correlation = request.headers["x-ms-correlation-request-id"];
  const correlationId = typeof correlation === "string" ? correlation : id;
  const clientId = request.headers["x-ms-client-request-id"];
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const common: Record<string, string | number> = {
    "Cache-Control": "no-cache",
    Pragma: "no-cache",
    Expires: "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "x-ms-request-id": id,
    "x-ms-correlation-request-id": correlationId,
    "x-ms-routing-request-id": `LOCAL:${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}:${id}`,
  };
  if (typeof clientId === "string") common["x-ms-client-request-id"] = clientId;
  if (text !== "") common["Content-Type"] = contentType;
  if (status !== 204) common["Content-Length"] = Buffer.byteLength(text);
  response.writeHead(status, { ...common, ...headers });
  response.end(request.method === "HEAD" ? undefined : text);
}
