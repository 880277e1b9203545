import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Duplex } from "node:stream";
import { type Dispatcher, errors, Pool } from "undici";
import { responseHeaders } from "./forwarded-headers.ts";
import { pages } from "./pages.ts";

type Controller = Dispatcher.DispatchController;
export type ClientRequest = IncomingMessage | Http2ServerRequest;
export type ClientResponse = ServerResponse | Http2ServerResponse;

/** One ready container as the front end sees it: keep-alive HTTP/1.1 connections to its published port. */
export class Upstream {
  readonly #pool: Pool;
  readonly #idle: number;
  readonly #exited: () => Promise<boolean>;

  /**
   * @param idle - Milliseconds without a byte after which a request ends with 504.
   * @param exited - Whether the container has ended, or does so within a moment.
   */
  constructor(port: number, idle: number, exited: () => Promise<boolean>) {
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { headersTimeout: idle, bodyTimeout: idle });
    this.#idle = idle;
    this.#exited = exited;
  }

  /** Sends a request on and streams the answer back. Resolves never: the response is the outcome. */
  forward(request: ClientRequest, response: ClientResponse, headers: string[], cookies: string[]): void {
    this.#pool.dispatch(
      {
        path: request.url!,
        method: request.method as Dispatcher.HttpMethod,
        headers,
        body: hasBody(request) ? request : null,
        // Only a request without a body may be sent again when a kept connection turns out to be closed.
        idempotent: request.method === "GET" || request.method === "HEAD",
      },
      new Relay(response, cookies, this.#exited),
    );
  }

  /** Passes a WebSocket handshake on; afterwards the two connections are one. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, headers: string[]): void {
    this.#pool.dispatch(
      {
        path: request.url!,
        method: "GET",
        headers,
        upgrade: "websocket",
        headersTimeout: this.#idle,
      },
      new UpgradeRelay(socket, head),
    );
  }

  /** Resolves when the requests in flight are answered. New ones must go elsewhere. */
  drain(): Promise<void> {
    return this.#pool.close();
  }

  /** Ends all requests. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Whether the client announced a body. */
function hasBody(request: ClientRequest): boolean {
  if ("stream" in request) return !request.stream.endAfterHeaders;
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** The container's answer on its way to the client. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ClientResponse;
  readonly #cookies: string[];
  readonly #exited: () => Promise<boolean>;
  #controller: Controller | undefined;

  constructor(response: ClientResponse, cookies: string[], exited: () => Promise<boolean>) {
    this.#response = response;
    this.#cookies = cookies;
    this.#exited = exited;
    // Both may have ended already; aborting then does nothing.
    response.once("close", () => {
      if (!response.writableFinished) this.#controller?.abort(new Error("The client closed the connection"));
    });
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#response.destroyed) controller.abort(new Error("The client closed the connection"));
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, statusMessage?: string): void {
    if (status < 200) return;
    const headers = responseHeaders((controller.rawHeaders ?? []) as Buffer[]);
    for (const cookie of this.#cookies) headers.push("Set-Cookie", cookie);
    writeHead(this.#response, status, statusMessage, headers);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if ((this.#response as ServerResponse).write(chunk)) return;
    controller.pause();
    this.#response.once("drain", () => controller.resume());
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(_controller: Controller, error: Error): void {
    const response = this.#response;
    if (response.destroyed) return;
    // What has begun cannot become an error page: the client must see that it was cut off.
    if (response.headersSent) {
      cutOff(response);
    } else if (error instanceof errors.HeadersTimeoutError) {
      sendPage(response, 504, pages.gatewayTimeout);
    } else {
      void this.#exited().then((exited) => {
        if (exited) sendPage(response, 503, pages.applicationError);
        else sendPage(response, 502, pages.badGateway);
      });
    }
  }
}

/** A WebSocket handshake's answer on its way to the client's bare connection. */
class UpgradeRelay implements Dispatcher.DispatchHandler {
  readonly #socket: Duplex;
  readonly #head: Buffer;

  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    this.#head = head;
    socket.on("error", () => socket.destroy());
  }

  onRequestStart(controller: Controller): void {
    this.#socket.once("close", () => controller.abort(new Error("The client closed the connection")));
  }

  onRequestUpgrade(controller: Controller, status: number, _headers: unknown, upstream: Duplex): void {
    const headers = responseHeaders((controller.rawHeaders ?? []) as Buffer[]);
    headers.push("Connection", "Upgrade", "Upgrade", "websocket");
    this.#writeHead(status, "Switching Protocols", headers);
    if (this.#head.length > 0) upstream.write(this.#head);
    const client = this.#socket;
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, statusMessage = ""): void {
    const headers = responseHeaders((controller.rawHeaders ?? []) as Buffer[]);
    this.#writeHead(status, statusMessage, [...headers, "Connection", "close"]);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#socket.write(chunk);
  }

  onResponseEnd(): void {
    this.#socket.end();
  }

  onResponseError(): void {
    if (!this.#socket.destroyed) this.#socket.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n");
  }

  #writeHead(status: number, message: string, headers: string[]): void {
    let text = `HTTP/1.1 ${status} ${message}\r\n`;
    for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
    this.#socket.write(`${text}\r\n`, "latin1");
  }
}

/** Answers with one of the front end's own pages. */
export function sendPage(response: ClientResponse, status: number, html: string, reason?: string): void {
  if (response.destroyed || response.headersSent) return;
  const headers = ["Content-Type", "text/html", "Content-Length", `${Buffer.byteLength(html)}`];
  writeHead(response, status, reason, headers);
  response.end(html);
}

function writeHead(
  response: ClientResponse,
  status: number,
  message: string | undefined,
  headers: string[],
): void {
  if (!("stream" in response)) {
    const hasDate = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === "date");
    if (hasDate) response.sendDate = false;
    // A container's may have characters that Node refuses, and keeps for the next attempt, an error page's, too.
    if (message && /^[\t\x20-\x7e\x80-\xff]+$/.test(message)) response.writeHead(status, message, headers);
    else response.writeHead(status, headers);
    return;
  }
  // Those of an answer that could not be written, as for its status.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  for (let at = 0; at < headers.length; at += 2) {
    response.appendHeader(headers[at]!.toLowerCase(), headers[at + 1]!);
  }
  response.writeHead(status);
}

function cutOff(response: ClientResponse): void {
  if ("stream" in response)
    response.stream.close(2); // INTERNAL_ERROR
  else response.destroy();
}
