import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ScoringError } from "../errors.ts";
import { jsonOf } from "../exact-json.ts";
import type { Settings } from "../settings.ts";

/** Unique, not secret: a process's own half of a UUID and a count. A random UUID would be a fiftieth of a request's cost. */
const PROCESS = randomUUID().slice(0, 24);
let requests = 0;
const newRequestId = () => PROCESS + (++requests).toString(16).padStart(12, "0");

/** Longest request id that Azure ML's server takes. */
const LONGEST_ID = 100;
export const JSON_TYPE = "application/json";
export const TEXT_TYPE = "text/plain; charset=utf-8";

const ALLOWED_ORIGIN = /^access-control-allow-origin$/i;

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) || undefined;

/** What an exchange needs of the application. */
export interface Host {
  settings: Settings;
  /** Headers that every response has: name, value, name, value. */
  headers: readonly string[];
  /** What the Keep-Alive header says where the connection stays: without it clients, as Node's fetch, drop one after seconds. */
  keepAlive: string;
  /** Told when a response is written. */
  answered(exchange: Exchange): void;
  /** Answers with an error. */
  fail(exchange: Exchange, error: unknown): void;
}

/** One request and its response: ids, path, and the only place that writes a response. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  /** Text after the question mark. */
  readonly query: string;
  /** x-request-id: the client's, else a new one. */
  requestId: string;
  readonly clientRequestId: string | undefined;
  readonly legacyRequestId: string | undefined;
  readonly traceparent: string | undefined;
  readonly started = performance.now();
  /** When the entry script's run() began, as performance.now() tells it; undefined before. */
  runStarted: number | undefined = undefined;
  status = 0;
  /** When the answer was there and its response begun, as performance.now() tells it. */
  ended = 0;
  /** Of a templated path: segment by name. */
  readonly params: Record<string, string> = {};
  /** Undefined where the path is nobody's. */
  route: { path: string; methods: Partial<Record<string, unknown>> } | undefined = undefined;
  /** Headers beyond those of every response: name, value, name, value, which Node's writeHead takes as they are. */
  readonly #headers: string[] = [];
  readonly #host: Host;

  constructor(request: IncomingMessage, response: ServerResponse, host: Host) {
    this.request = request;
    this.response = response;
    this.#host = host;
    this.method = request.method!;
    const url = pathOf(request.url!);
    const mark = url.indexOf("?");
    this.path = mark === -1 ? url : url.slice(0, mark);
    this.query = mark === -1 ? "" : url.slice(mark + 1);
    const headers = request.headers;
    this.requestId = one(headers["x-request-id"]) ?? newRequestId();
    this.clientRequestId = one(headers["x-ms-client-request-id"]);
    this.legacyRequestId = one(headers["x-ms-request-id"]);
    this.traceparent = one(headers.traceparent);
  }

  /** The connection, where it belongs to one client: a proxy's (X-Forwarded-For) carries the requests of many. */
  get ownConnection(): Socket | undefined {
    const { headers, socket } = this.request;
    return headers["x-forwarded-for"] === undefined ? socket : undefined;
  }

  /** @throws ScoringError 431 for an id of more than 100 characters, as Azure ML's server does. */
  checkIds(): void {
    const refused = (names: string) =>
      new ScoringError(431, `${names} must not exceed ${LONGEST_ID} characters`);
    if (isLong(this.requestId)) {
      this.requestId = newRequestId();
      throw refused("x-request-id");
    }
    if (isLong(this.legacyRequestId) || isLong(this.clientRequestId)) {
      throw refused("x-ms-request-id and x-ms-client-request-id");
    }
  }

  addHeader(name: string, value: string): void {
    this.#headers.push(name, value);
  }

  /** Whether the connection outlives the response, as far as client and app have a say. */
  get #stays(): boolean {
    const { httpVersionMinor, headers } = this.request;
    return httpVersionMinor > 0 && !closes(headers.connection) && !this.response.hasHeader("connection");
  }

  /** The connection ends after this response. */
  closeConnection(): void {
    if (!this.response.headersSent) this.response.setHeader("connection", "close");
  }

  /** Writes the response whole, unless there was one. */
  send(status: number, type: string, body: string | Buffer): void {
    if (this.response.headersSent) return;
    this.status = status;
    this.ended = performance.now();
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const { requestId, traceparent } = this;
    const client = short(this.clientRequestId ?? this.legacyRequestId);
    const legacy = short(this.legacyRequestId ?? this.clientRequestId) ?? requestId;
    // Of these two statuses there is no body, and nothing may be said of it.
    if (status !== 204 && status !== 304) {
      this.addHeader("content-type", type);
      this.addHeader("content-length", String(length));
    }
    this.addHeader("x-request-id", requestId);
    this.addHeader("x-ms-request-id", legacy);
    this.#headers.push(...this.#host.headers);
    if (this.#stays) this.addHeader("keep-alive", this.#host.keepAlive);
    if (client !== undefined) this.addHeader("x-ms-client-request-id", client);
    if (traceparent) this.addHeader("traceparent", traceparent);
    const traceId = one(this.request.headers.traceid);
    if (traceId) this.addHeader("traceid", traceId);
    this.#addCors();
    this.response.writeHead(status, this.#headers);
    // Text of one byte a character goes out in one piece with the head. Any other goes as bytes: as text it would
    // make Node write the head in UTF-8 too, and an id beyond ASCII would not come back as it was sent.
    if (typeof body !== "string") this.response.end(body);
    else if (body.length === length) this.response.end(body, "latin1");
    else this.response.end(Buffer.from(body));
    this.#host.answered(this);
  }

  /** Browsers of AML_CORS_ORIGINS may read the answer. */
  #addCors(): void {
    const { corsOrigins } = this.#host.settings;
    // An entry script's own take precedence, as behind Azure ML's server.
    if (corsOrigins.length === 0 || this.#headers.some((text) => ALLOWED_ORIGIN.test(text))) return;
    const { headers } = this.request;
    const origin = one(headers.origin);
    const any = corsOrigins.includes("*");
    if (!any) this.addHeader("vary", "Origin");
    if (origin === undefined || !(any || corsOrigins.includes(origin))) return;
    this.addHeader("access-control-allow-origin", any ? "*" : origin);
    if (this.method !== "OPTIONS") return;
    const wanted = one(headers["access-control-request-headers"]);
    this.addHeader("access-control-allow-methods", "GET, OPTIONS, POST");
    if (wanted) this.addHeader("access-control-allow-headers", wanted);
  }

  fail(error: unknown): void {
    this.#host.fail(this, error);
  }

  sendJson(status: number, value: unknown): void {
    this.send(status, JSON_TYPE, jsonOf(value));
  }
}

/** Whether a Connection header asks for the end of the connection. */
function closes(connection: string | undefined): boolean {
  return connection !== undefined && connection !== "keep-alive" && /\bclose\b/i.test(connection);
}

/** A proxy may send the whole URL (RFC 9112, 3.2.2); clients that join a base URL and a path send //score. */
function pathOf(target: string): string {
  if (target.startsWith("/")) return target[1] === "/" ? target.replace(/^\/+/, "/") : target;
  const origin = /^https?:\/\/[^/?#]*/i.exec(target);
  return origin ? target.slice(origin[0].length).replace(/^\/*/, "/") : target;
}

const isLong = (id: string | undefined) => id !== undefined && id.length > LONGEST_ID;
const short = (id: string | undefined) => (isLong(id) ? undefined : id);
