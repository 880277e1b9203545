import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { type ClientRequest, type ClientResponse, sendPage, type Upstream } from "./forward.ts";
import { arrSsl, type ClientConnection, requestHeaders } from "./forwarded-headers.ts";
import { DualListener, isWebSocket } from "./listener.ts";
import { pages } from "./pages.ts";
import type { SiteSpec } from "./types.ts";

/** Where requests go at this moment. */
export type Target =
  | { state: "serving"; upstream: Upstream }
  /** Nothing serves yet; `settled` resolves when the start under way has ended, well or badly. */
  | { state: "starting"; settled: Promise<void> }
  | { state: "unavailable" }
  | { state: "stopped" };

export type FrontEndSettings = Pick<
  SiteSpec,
  "name" | "port" | "httpsOnly" | "minTlsVersion" | "http20Enabled" | "clientAffinityEnabled"
>;

/** App Service's front end for one site: ends TLS, redirects, adds its headers and forwards to the container. */
export class FrontEnd {
  target: Target = { state: "unavailable" };
  readonly #listener: DualListener;
  readonly #tls: { key: string; cert: string };
  readonly #hold: number;
  readonly #affinity: string;
  readonly #site: { name: string; host: string; arrSsl: string };
  readonly #connections = new WeakMap<object, ClientConnection>();
  #httpsOnly = true;
  #clientAffinity = false;

  /**
   * @param hold - Milliseconds that a request waits for a start under way.
   * @param instanceId - 64 hexadecimal digits.
   * @param failed - Told of what nobody foresaw.
   */
  constructor(
    name: string,
    tls: { key: string; cert: string },
    hold: number,
    instanceId: string,
    failed: (error: Error) => void,
  ) {
    this.#tls = tls;
    this.#hold = hold;
    this.#affinity = createHash("sha256").update(`${instanceId}/${name}`).digest("hex");
    this.#site = { name, host: "localhost", arrSsl: arrSsl(tls.cert) };
    // Such an error ends its connection, not the process that all sites share.
    const ending = (connection: { destroy(): void }) => (error: Error) => {
      failed(error);
      connection.destroy();
    };
    this.#listener = new DualListener({
      request: (request, response) => void this.#request(request, response).catch(ending(response)),
      upgrade: (request, socket, head) => void this.#upgrade(request, socket, head).catch(ending(socket)),
    });
  }

  /** Applies settings; the first call begins to listen. */
  async configure(settings: FrontEndSettings): Promise<void> {
    this.#httpsOnly = settings.httpsOnly;
    this.#clientAffinity = settings.clientAffinityEnabled;
    this.#listener.configure({
      tls: this.#tls,
      minTlsVersion: settings.minTlsVersion === "1.3" ? "TLSv1.3" : "TLSv1.2",
      http2: settings.http20Enabled,
    });
    if (!this.#listener.listening) {
      await this.#listener.listen(settings.port, `site/${settings.name}`);
      this.#site.host = `localhost:${settings.port}`;
    }
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  async #request(request: ClientRequest, response: ClientResponse): Promise<void> {
    const client = this.#client(request);
    const authority = this.#authority(request);
    if (this.#httpsOnly && !client.tlsVersion) return redirect(response, authority, request.url!);
    if (this.target.state === "starting") await this.#held(this.target.settled);
    const { target } = this;
    if (!request.url!.startsWith("/")) {
      // `OPTIONS *` and the absolute form are for proxies.
      sendPage(response, 400, pages.badRequest);
    } else if (target.state === "serving") {
      const headers = requestHeaders(request.rawHeaders, authority, request.url!, client, this.#site);
      target.upstream.forward(request, response, headers, this.#cookies(authority, client));
    } else if (target.state === "stopped") {
      sendPage(response, 403, pages.stopped, "Site Disabled");
    } else {
      sendPage(response, 503, pages.applicationError);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const client = this.#client(request);
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    if (this.#httpsOnly && !client.tlsVersion) return void refuse("403 Forbidden");
    if (!isWebSocket(request) || !request.url!.startsWith("/")) return void refuse("400 Bad Request");
    if (this.target.state === "starting") await this.#held(this.target.settled);
    const { target } = this;
    if (target.state === "stopped") return void refuse("403 Site Disabled");
    if (target.state !== "serving") return void refuse("503 Service Unavailable");
    const authority = this.#authority(request);
    const headers = requestHeaders(request.rawHeaders, authority, request.url!, client, this.#site);
    target.upstream.upgrade(request, socket, head, headers);
  }

  async #held(settled: Promise<void>): Promise<void> {
    await Promise.race([settled, delay(this.#hold, undefined, { ref: false })]);
  }

  #authority(request: ClientRequest): string {
    const authority = "authority" in request ? request.authority : undefined;
    return authority || request.headers.host || this.#site.host;
  }

  #client(request: ClientRequest): ClientConnection {
    const connection = "stream" in request ? request.stream.session! : request.socket;
    const known = this.#connections.get(connection);
    if (known) return known;
    // An HTTP/2 session's socket is a proxy that knows no `in`.
    const socket = ("stream" in request ? request.stream.session!.socket : request.socket) as Socket &
      Partial<TLSSocket>;
    const protocol = socket.getProtocol?.();
    const client = {
      address: (socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, ""),
      port: socket.remotePort ?? 0,
      tlsVersion: protocol?.replace("TLSv", ""),
    };
    this.#connections.set(connection, client);
    return client;
  }

  #cookies(authority: string, client: ClientConnection): string[] {
    if (!this.#clientAffinity) return [];
    const domain = authority.replace(/:\d+$/, "");
    const value = this.#affinity;
    if (!client.tlsVersion) return [`ARRAffinity=${value};Path=/;HttpOnly;Domain=${domain}`];
    return [
      `ARRAffinity=${value};Path=/;HttpOnly;Secure;Domain=${domain}`,
      `ARRAffinitySameSite=${value};Path=/;HttpOnly;SameSite=None;Secure;Domain=${domain}`,
    ];
  }
}

function redirect(response: ClientResponse, authority: string, url: string): void {
  const location = `https://${authority}${url.startsWith("/") ? url : "/"}`;
  response.statusCode = 301;
  response.setHeader("Location", location);
  response.setHeader("Content-Length", "0");
  response.end();
}
