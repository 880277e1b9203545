import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Client, type Dispatcher } from "undici";
import { words } from "../../../system/words.ts";
import { ArmError } from "../../core/errors.ts";
import { textOf } from "../../core/request-body.ts";
import { type Access, requiredAccess, scopeText } from "./access.ts";
import type { Principal, RegistryAuthority } from "./authority.ts";

const unauthorized = "authentication required, visit https://aka.ms/acr/authorization for more information.";
/** More than any token request of a client's. */
const maximumFormBytes = 256 * 1024;
const notForwarded = new Set(words("authorization connection keep-alive transfer-encoding expect upgrade"));

/** What the registry's process left of a body cannot be read, and must not be taken for the next request. */
const closing = { Connection: "close" };

/** An error in the registry API's words. */
class RegistryError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/**
 * The request listener of one login server: token service, and the registry's API for those with credentials.
 *
 * @param loginServer - `localhost:PORT`.
 * @param socket - the socket of the process that holds the data, asked for at each request.
 */
export function registryFront(
  loginServer: string,
  authority: RegistryAuthority,
  socket: () => string,
): RequestListener {
  return (request, response) => {
    serve(request, response).catch((error: unknown) => refuse(request, response, error));
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseUrl(request.url ?? "/");
    const path = decodeURIComponent(url.pathname);
    if (path === "/oauth2/token") return token(request, response, url.searchParams);
    if (path === "/oauth2/exchange") return exchange(request, response);
    // Not 404, which clients of this API take for a deletion that was done before.
    if (path.startsWith("/acr/")) {
      const message = `Local Azure does not emulate ${path}: use /v2/, the API of all registries.`;
      throw new RegistryError(405, "UNSUPPORTED", message);
    }
    const required = requiredAccess(request.method ?? "GET", path, url.searchParams);
    if (required === undefined) {
      throw new RegistryError(404, "NOT_FOUND", `There is no ${path} in this registry's API.`);
    }
    authorize(request, required);
    await forward(request, response, socket(), `${encodeURI(path)}${url.search}`);
  }

  function authorize(request: IncomingMessage, required: Access[]): void {
    const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(/ +/, 2);
    if (scheme.toLowerCase() === "bearer") {
      const verdict = authority.judge(value, required);
      if (verdict === "allowed") return;
      throw challenge(required, verdict);
    }
    if (basicPrincipal(request)) return;
    throw challenge(required);
  }

  function challenge(required: Access[], error?: string): RegistryError {
    const scope = required.length > 0 ? `,scope="${scopeText(required)}"` : "";
    const reason = error ? `,error="${error}"` : "";
    return new RegistryError(401, "UNAUTHORIZED", unauthorized, {
      "Www-Authenticate": `Bearer realm="https://${loginServer}/oauth2/token",service="${loginServer}"${scope}${reason}`,
    });
  }

  function basicPrincipal(request: IncomingMessage): Principal | undefined {
    const encoded = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (encoded === undefined) return undefined;
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const colon = text.indexOf(":");
    return colon < 0 ? undefined : authority.byPassword(text.slice(0, colon), text.slice(colon + 1));
  }

  /** Docker asks with GET and Basic; az, oras and Docker with a token ask with POST and a form. */
  async function token(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
  ): Promise<void> {
    const form = request.method === "POST" ? await readForm(request) : query;
    if (request.method !== "POST" && request.method !== "GET") throw methodNotAllowed(request);
    checkService(form);
    const principal = request.method === "GET" ? basicPrincipal(request) : formPrincipal(request, form);
    if (!principal) throw new RegistryError(401, "UNAUTHORIZED", unauthorized);
    answerJson(response, { access_token: authority.accessToken(principal, form.getAll("scope")) });
  }

  function formPrincipal(request: IncomingMessage, form: URLSearchParams): Principal | undefined {
    const grant = form.get("grant_type");
    if (grant === "refresh_token") return authority.byRefreshToken(form.get("refresh_token") ?? "");
    if (grant !== "password") throw unsupportedGrant(form, "refresh_token or password");
    const [user, password] = [form.get("username") ?? "", form.get("password") ?? ""];
    return basicPrincipal(request) ?? authority.byPassword(user, password);
  }

  /** A token of Microsoft Entra ID's for a refresh token of the registry's. */
  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") throw methodNotAllowed(request);
    const form = await readForm(request);
    checkService(form);
    if (form.get("grant_type") !== "access_token") throw unsupportedGrant(form, "access_token");
    try {
      answerJson(response, { refresh_token: authority.exchange(form.get("access_token") ?? "") });
    } catch (error) {
      if (error instanceof ArmError) throw new RegistryError(error.status, "UNAUTHORIZED", error.message);
      throw error;
    }
  }

  function checkService(form: URLSearchParams): void {
    const service = form.get("service");
    if (service === loginServer) return;
    const message = `The service '${service ?? ""}' is not this registry, which is '${loginServer}'.`;
    throw new RegistryError(400, "INVALID_SERVICE", message);
  }
}

function parseUrl(target: string): URL {
  try {
    const url = new URL(target, "https://localhost");
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    throw new RegistryError(400, "BAD_REQUEST", `The request URL '${target}' is not valid.`);
  }
}

function methodNotAllowed(request: IncomingMessage): RegistryError {
  return new RegistryError(405, "UNSUPPORTED", `${request.method} is not supported here.`);
}

function unsupportedGrant(form: URLSearchParams, supported: string): RegistryError {
  const message = `The grant_type '${form.get("grant_type") ?? ""}' is not supported; say ${supported}.`;
  return new RegistryError(400, "UNSUPPORTED", message);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const tooLarge = new RegistryError(413, "SIZE_INVALID", "The form is too large.");
  return new URLSearchParams(await textOf(request, maximumFormBytes, tooLarge));
}

function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" });
  response.end(JSON.stringify(body));
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const known =
    error instanceof RegistryError
      ? error
      : new RegistryError(500, "UNKNOWN", (error as Error)?.message ?? String(error));
  const text = JSON.stringify({ errors: [{ code: known.code, message: known.message, detail: null }] });
  response.writeHead(known.status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Docker-Distribution-Api-Version": "registry/2.0",
    "X-Content-Type-Options": "nosniff",
    ...known.headers,
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

/** Streams a request to the registry's process and its answer back, buffering neither. */
async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  socketPath: string,
  path: string,
): Promise<void> {
  const headers = forwarded(request.headers);
  // No read takes a body: one that comes is not passed on, since the process would answer and hang up before its end.
  const reads = request.method === "GET" || request.method === "HEAD";
  if (reads) {
    delete headers["content-length"];
    request.resume();
  }
  // It takes a form's fields like the query's: a layer would be mounted from where nobody has looked.
  if (request.method === "POST") delete headers["content-type"];
  // A large layer over a slow line takes as long as it takes.
  const upstream = new Client("http://localhost", { socketPath, headersTimeout: 0, bodyTimeout: 0 });
  // A client that went away, or one that was answered early, ends the upload.
  response.once("close", () => void upstream.destroy());
  const method = request.method as Dispatcher.HttpMethod;
  const body = reads ? null : request;
  const answer = await upstream.request({ path, method, headers, body }).catch((error: Error) => {
    const message = `The registry does not answer (${error.message}); try again.`;
    throw new RegistryError(503, "UNAVAILABLE", message, { "Retry-After": "1", ...closing });
  });
  const early = !reads && !request.complete;
  response.writeHead(answer.statusCode, { ...forwarded(answer.headers), ...(early && closing) });
  await pipeline(answer.body, response);
}

/** Without what concerns one connection only, and without the credentials, which are ours to check. */
function forwarded(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !notForwarded.has(name)));
}
