import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createServer } from "../node-http.ts";
import type { Settings } from "../settings.ts";
import type { Listener } from "./app.ts";
import { idleTimeout } from "./idle.ts";

const REASONS: Record<string, [status: number, text: string, message: string]> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "the headers are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "the request did not arrive in time"],
};
const MALFORMED: [number, string, string] = [400, "Bad Request", "the request is not HTTP/1.1"];

/** Answers what never became a request, in the shape of every other error. */
function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text, message] = REASONS[error.code ?? ""] ?? MALFORMED;
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Answers a request on a connection beyond MAX_CONNECTIONS; the connection ends. */
function refuse(response: ServerResponse, most: number): void {
  const body = JSON.stringify({ message: `${most} connections are open (MAX_CONNECTIONS); try again` });
  response.writeHead(503, {
    connection: "close",
    "retry-after": "1",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** A server with the settings' limits around an application; it does not listen yet. */
export function createScoringServer(settings: Settings, app: Listener): Server {
  const { maxConnections } = settings;
  let open = 0;
  const excess = new WeakSet<Socket>();
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (excess.has(request.socket)) refuse(response, maxConnections);
    else app(request, response);
  };
  const server = createServer(
    {
      headersTimeout: settings.headersTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(settings.headersTimeoutMs, 1000),
      // What ends idle connections is server.timeout: this one would set and clear two timers more a request.
      keepAliveTimeout: 0,
      noDelay: true,
    },
    serve,
  );
  // Nor is a client waited for that does not read its answer.
  server.timeout = idleTimeout(settings);
  server.on("connection", (socket: Socket) => {
    open++;
    if (open > maxConnections) excess.add(socket);
    socket.once("close", () => {
      open--;
    });
  });
  // What is beyond MAX_CONNECTIONS is told so; a flood of connections is closed unheard.
  server.maxConnections = 2 * maxConnections;
  server.on("clientError", onClientError);
  // A body that is too large is refused before it is sent; whether it still comes, nobody knows then.
  server.on("checkContinue", (request, response) => {
    if (Number(request.headers["content-length"]) > settings.maxBodyBytes) {
      response.setHeader("connection", "close");
    } else response.writeContinue();
    serve(request, response);
  });
  // Instead of Node's 417 without a body: an expectation that nobody knows may be ignored (RFC 9110, 10.1.1).
  server.on("checkExpectation", serve);
  return server;
}
