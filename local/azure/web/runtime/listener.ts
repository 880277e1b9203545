import type { IncomingMessage } from "node:http";
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureVersion } from "node:tls";
import { type Listener, listenOnLoopback } from "../../../net/loopback.ts";
import type { ClientRequest, ClientResponse } from "./forward.ts";

export interface ListenerSettings {
  tls: { key: string; cert: string };
  minTlsVersion: SecureVersion;
  http2: boolean;
}

export interface ListenerHandlers {
  request: (request: ClientRequest, response: ClientResponse) => void;
  /** A WebSocket handshake over HTTP/1.1. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** First byte of a TLS handshake record. */
const tlsHandshake = 22;

/**
 * Serves TLS (HTTP/1.1, and HTTP/2 by ALPN) and plain HTTP on one port of 127.0.0.1 and ::1. The first byte of a
 * connection tells which it is.
 */
export class DualListener {
  readonly #handlers: ListenerHandlers;
  readonly #sockets = new Set<Socket>();
  readonly #plain: HttpServer;
  #secure: HttpServer | undefined;
  #settings = "";
  #listener: Listener | undefined;

  constructor(handlers: ListenerHandlers) {
    this.#handlers = handlers;
    this.#plain = this.#withHandlers(createHttpServer({ shouldUpgradeCallback: isWebSocket }));
  }

  /** Applies to connections made from now on. */
  configure({ tls, minTlsVersion, http2 }: ListenerSettings): void {
    const settings = JSON.stringify([minTlsVersion, http2, tls.cert]);
    if (settings === this.#settings) return;
    this.#settings = settings;
    const options = { ...tls, minVersion: minTlsVersion, shouldUpgradeCallback: isWebSocket };
    // An HTTP/2 server that also serves HTTP/1.1 emits the same events as an HTTP/1.1 one.
    const server = http2
      ? (createSecureServer({ ...options, allowHTTP1: true }) as unknown as HttpServer)
      : createHttpsServer(options);
    this.#secure = this.#withHandlers(server);
  }

  /**
   * @param name - What the port is kept for, e.g. `site/app-scoring-dev`.
   * @throws PortTakenError when somebody else listens there.
   */
  async listen(port: number, name: string): Promise<void> {
    this.#listener = await listenOnLoopback(() => createServer((socket) => this.#accept(socket)), port, name);
  }

  get listening(): boolean {
    return this.#listener !== undefined;
  }

  /** Ends the listeners and every connection. */
  async close(): Promise<void> {
    const closed = this.#listener?.close();
    this.#listener = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #withHandlers(server: HttpServer): HttpServer {
    server.on("request", this.#handlers.request as RequestListener);
    server.on("upgrade", this.#handlers.upgrade);
    server.on("tlsClientError", () => undefined);
    server.requestTimeout = 0;
    server.keepAliveTimeout = 75_000;
    return server;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const forget = () => socket.destroy();
    socket.on("error", forget);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.off("error", forget);
      socket.unshift(first);
      const server = first[0] === tlsHandshake ? this.#secure! : this.#plain;
      server.emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  }
}

/** A WebSocket handshake; other protocols that a client offers to switch to, such as h2c, are not taken up. */
export function isWebSocket(request: IncomingMessage): boolean {
  return request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket";
}
