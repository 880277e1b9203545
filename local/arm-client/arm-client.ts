import { setTimeout as wait } from "node:timers/promises";
import { Agent, request } from "undici";
import { type ArmAnswer, ArmRequestError } from "./arm-error.ts";
import { type IdentityOptions, ManagedIdentity } from "./managed-identity.ts";

export interface ArmClientOptions {
  /** `https://localhost:PORT`, without a trailing slash. */
  resourceManager: string;
  /** PEM of the authority that signed the resource manager's certificate. */
  ca: string;
  /** What the client calls itself. */
  userAgent: string;
  /** A bearer token; `fresh` where the last one was refused. */
  token(fresh: boolean): Promise<string>;
}

type Method = "GET" | "PUT" | "PATCH" | "POST" | "DELETE";

export interface ArmCall {
  method: Method;
  /** ARM id or action. */
  path: string;
  apiVersion: string;
  query?: Record<string, string>;
  body?: object;
  /** Ends waiting, not the operation in Azure. */
  signal?: AbortSignal;
}

const attempts = 4;
/** Seconds between polls, and before a repeated request, where the service does not say. */
const pollSeconds = 1;
const backOffSeconds = 2;

/** A client in the name of the managed identity whose endpoint the resource manager belongs to. */
export function connect({
  identityEndpoint,
  identityHeader,
  ...options
}: Omit<ArmClientOptions, "token"> & IdentityOptions): { arm: ArmClient; identity: ManagedIdentity } {
  const identity = new ManagedIdentity({ identityEndpoint, identityHeader });
  const token = (fresh: boolean) => identity.token(options.resourceManager, fresh);
  return { arm: new ArmClient({ ...options, token }), identity };
}

/** Azure Resource Manager over HTTPS: tokens, throttling, long-running operations, both error envelopes. */
export class ArmClient {
  readonly #options: ArmClientOptions;
  readonly #agent: Agent;

  constructor(options: ArmClientOptions) {
    this.#options = options;
    this.#agent = new Agent({ connect: { ca: options.ca } });
  }

  /** One answer, whatever its status; 429 and 503 are repeated as Retry-After says, a refused token once. */
  async send(call: ArmCall): Promise<ArmAnswer> {
    const url = new URL(this.#options.resourceManager + call.path);
    url.searchParams.set("api-version", call.apiVersion);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    return this.#sendTo(url, call.method, call.body, call.signal);
  }

  /** The answer's body; any status but 200 is an error. */
  async get(call: Omit<ArmCall, "method">): Promise<Record<string, unknown>> {
    const answer = await this.send({ ...call, method: "GET" });
    if (answer.status !== 200) throw new ArmRequestError(answer);
    return jsonObject(answer);
  }

  async post(call: Omit<ArmCall, "method">): Promise<Record<string, unknown>> {
    const answer = await this.send({ ...call, method: "POST" });
    if (answer.status !== 200 && answer.status !== 201) throw new ArmRequestError(answer);
    return jsonObject(answer);
  }

  /**
   * Writes a resource and waits for the end of the operation.
   *
   * @returns the first answer's body: the resource may have to be read for its state at the end.
   * @throws AcceptedThenFailed when the service took the request and then failed to do it.
   */
  async put(call: Omit<ArmCall, "method"> & { body: object }): Promise<Record<string, unknown>> {
    const answer = await this.send({ ...call, method: "PUT" });
    if (![200, 201, 202].includes(answer.status)) throw new ArmRequestError(answer);
    try {
      await this.#finish(answer, call);
    } catch (error) {
      throw new AcceptedThenFailed(error as Error);
    }
    return answer.body === "" ? {} : jsonObject(answer);
  }

  /** Deletes a resource; one that is not there counts as deleted. */
  async delete(call: Omit<ArmCall, "method">): Promise<void> {
    const answer = await this.send({ ...call, method: "DELETE" });
    if (answer.status === 404) return;
    if (![200, 202, 204].includes(answer.status)) throw new ArmRequestError(answer);
    try {
      await this.#poll(answer, call.signal);
    } catch (error) {
      if (!(error instanceof ArmRequestError && error.status === 404)) throw error;
    }
  }

  async #finish(answer: ArmAnswer, call: Omit<ArmCall, "method">): Promise<void> {
    if (pollUrl(answer)) return this.#poll(answer, call.signal);
    // Accepted without a place to ask: the resource itself says when it is there.
    for (let body = answer.body; answer.status !== 200 && isProvisioning(body); ) {
      await wait(pollSeconds * 1000, undefined, { signal: call.signal });
      const read = await this.send({ ...call, body: undefined, query: undefined, method: "GET" });
      if (read.status !== 200) throw new ArmRequestError(read);
      body = read.body;
    }
  }

  /** Polls until the operation has ended: Azure-AsyncOperation says so in its body, Location in its status. */
  async #poll(first: ArmAnswer, signal?: AbortSignal): Promise<void> {
    for (let answer = first, url = pollUrl(first); url; url = pollUrl(answer) ?? url) {
      const seconds = retryAfter(answer) ?? pollSeconds;
      await wait(Math.max(seconds * 1000, 100), undefined, { signal });
      answer = await this.#sendTo(new URL(url, this.#options.resourceManager), "GET", undefined, signal);
      if (answer.status >= 400) throw new ArmRequestError(answer);
      if ("azure-asyncoperation" in first.headers) {
        const { status, error } = jsonObject(answer) as { status?: string; error?: unknown };
        if (status === "Succeeded") return;
        if (status === "Failed" || status === "Canceled")
          throw new ArmRequestError({
            ...answer,
            body: JSON.stringify({ error: error ?? { code: status } }),
          });
      } else if (answer.status !== 202) return;
    }
  }

  async #sendTo(url: URL, method: Method, body?: object, signal?: AbortSignal): Promise<ArmAnswer> {
    let fresh = false;
    for (let attempt = 1; ; attempt++) {
      const token = await this.#options.token(fresh);
      const answer: ArmAnswer = await this.#request(url, method, token, body, signal);
      const isRefusedToken: boolean = answer.status === 401 && !fresh;
      if (attempt === attempts || !(isRefusedToken || answer.status === 429 || answer.status === 503))
        return answer;
      fresh = isRefusedToken;
      if (!isRefusedToken) await wait((retryAfter(answer) ?? backOffSeconds) * 1000, undefined, { signal });
    }
  }

  async #request(
    url: URL,
    method: Method,
    token: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<ArmAnswer> {
    const content = body && JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "user-agent": this.#options.userAgent,
      ...(content !== undefined && { "content-type": "application/json" }),
    };
    const path = url.pathname;
    try {
      // Without a time limit of its own: the caller's signal is the only one.
      const limits = { headersTimeout: 0, bodyTimeout: 0, signal, dispatcher: this.#agent };
      const answer = await request(url, { method, headers, body: content, ...limits });
      const { statusCode: status, headers: received } = answer;
      return { method, path, status, headers: received, body: await answer.body.text() };
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`${method} ${url.origin}${path}: ${message || String(error)}`, { cause: error });
    }
  }
}

/** The service accepted a write and reported a failure afterwards: the resource may exist. */
export class AcceptedThenFailed extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function pollUrl({ headers }: ArmAnswer): string | undefined {
  const url = headers["azure-asyncoperation"] ?? headers.location;
  return typeof url === "string" ? url : undefined;
}

function retryAfter({ headers }: ArmAnswer): number | undefined {
  const seconds = Number(headers["retry-after"]);
  return headers["retry-after"] === undefined || Number.isNaN(seconds) ? undefined : seconds;
}

function isProvisioning(body: string): boolean {
  if (body === "") return true;
  const { properties } = JSON.parse(body) as { properties?: { provisioningState?: string } };
  const state = properties?.provisioningState;
  return state !== undefined && !["Succeeded", "Failed", "Canceled"].includes(state);
}

export function jsonObject(answer: ArmAnswer): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(answer.body);
    if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  } catch {
    // Told below with what came instead.
  }
  throw new Error(`unexpected response from Azure: '${answer.body}', HTTP status: ${answer.status}`);
}
