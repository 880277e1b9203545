import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { type Listener, listenOnLoopback } from "../../../net/loopback.ts";
import { isSameSecret } from "../../../system/secrets.ts";
import type { SiteLog } from "./site-log.ts";
import type { SiteSpec } from "./types.ts";

export interface ScmOptions {
  log: SiteLog;
  tls: { key: string; cert: string };
  /** Throws when a bearer token is not one of this Azure's. */
  verifyToken: (token: string) => void;
  report: (message: string) => void;
}

export type ScmSettings = Pick<SiteSpec, "name" | "scmPort" | "publishing">;

/** How long a log stream may be silent until it says so (Azure: 1 min). */
const silence = 60_000;

/** The SCM host of a site, as far as logs go: log stream, list of log files, the files themselves. */
export class ScmHost {
  readonly #options: ScmOptions;
  #listener: Listener | undefined;
  #publishing: SiteSpec["publishing"] | undefined;
  #origin = "";

  constructor(options: ScmOptions) {
    this.#options = options;
  }

  /** Applies settings; the first call begins to listen. */
  async configure({ name, scmPort, publishing }: ScmSettings): Promise<void> {
    this.#publishing = publishing;
    this.#origin = `https://localhost:${scmPort}`;
    const create = () =>
      createServer(this.#options.tls, (request, response) => this.#serve(request, response));
    this.#listener ??= await listenOnLoopback(create, scmPort, `scm/${name}`);
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#answer(request, response);
    } catch (error) {
      this.#options.report(`scm ${request.url}: ${(error as Error).message}`);
      if (response.headersSent) response.destroy();
      else json(response, 500, { Message: "An error has occurred." });
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { log } = this.#options;
    const url = URL.parse(request.url!, this.#origin);
    if (!url) return void json(response, 400, { Message: `The request URL '${request.url}' is not valid.` });
    const path = url.pathname.replace(/\/+$/, "");
    const file = /^\/api\/vfs\/LogFiles\/([^/]+\.log)$/i.exec(path)?.[1];
    if (!this.#authorized(request.headers.authorization)) {
      response.setHeader("WWW-Authenticate", 'Basic realm="site"');
      text(response, 401, "Unauthorized");
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      const message = `The requested resource does not support http method '${request.method}'.`;
      json(response, 405, { Message: message });
    } else if (/^\/(api\/)?logstream(\/(docker|application|http))?$/i.test(path)) {
      this.#stream(request, response);
    } else if (/^\/api\/logs\/docker$/i.test(path)) {
      json(response, 200, this.#dockerLogs());
    } else if (/^\/api\/vfs\/LogFiles$/i.test(path)) {
      json(response, 200, this.#folder());
    } else if (file && log.files().some(({ name }) => name === file)) {
      this.#file(file, request, response);
    } else if (/^\/(dump|api\/dump|api\/logs\/docker\/zip)$/i.test(path)) {
      const instead = "GET /api/logs/docker lists the log files with their addresses.";
      text(response, 501, `${path} is not part of local Azure. ${instead}`);
    } else {
      const message = `No HTTP resource was found that matches the request URI '${url.href}'.`;
      json(response, 404, { Message: message });
    }
  }

  #authorized(authorization = ""): boolean {
    const [, scheme, value = ""] = /^(\S+)\s+(\S+)$/.exec(authorization) ?? [];
    if (scheme?.toLowerCase() === "bearer") return this.#valid(value);
    const publishing = this.#publishing;
    if (scheme?.toLowerCase() !== "basic" || !publishing?.basicAuthAllowed) return false;
    const [user = "", password] = splitOnce(Buffer.from(value, "base64").toString("utf8"), ":");
    // Publishing profiles write the user as SITE\$SITE too.
    return (
      user.slice(user.indexOf("\\") + 1) === publishing.user && isSameSecret(password, publishing.password)
    );
  }

  #valid(token: string): boolean {
    try {
      this.#options.verifyToken(token);
      return true;
    } catch {
      // Why not is nothing that a caller without a valid token is told.
      return false;
    }
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    const { log } = this.#options;
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache" });
    if (request.method === "HEAD") return void response.end();
    const stamp = () => new Date().toISOString().replace("Z", "");
    response.write(
      `${stamp()}  Startup Request, url: ${request.url}, method: GET, type: request, pid: ${process.pid},1,1, ScmType: None\n`,
    );
    for (const kind of ["platform", "container"] as const) {
      const name = log.file(kind);
      if (!log.files().some((file) => file.name === name)) continue;
      response.write(`\n/home/LogFiles/${name}  (${this.#href(name)})\n${log.tail(name)}`);
    }
    const quiet = setInterval(
      () => response.write(`${stamp()}  No new trace in the past 1 min(s).\n`),
      silence,
    );
    const write = (lines: string) => {
      quiet.refresh();
      response.write(lines);
    };
    log.on("lines", write);
    response.once("close", () => {
      clearInterval(quiet);
      log.off("lines", write);
    });
  }

  #dockerLogs(): unknown[] {
    const { log } = this.#options;
    return (["container", "platform"] as const).flatMap((kind) => {
      const found = log.files().find(({ name }) => name === log.file(kind));
      if (!found) return [];
      return {
        machineName: kind === "container" ? `${log.machine}_default` : log.machine,
        lastUpdated: found.modified.toISOString().replace(/\.\d+Z$/, "Z"),
        size: found.size,
        href: this.#href(found.name),
        path: `/home/LogFiles/${found.name}`,
      };
    });
  }

  #folder(): unknown[] {
    return this.#options.log.files().map(({ name, size, modified }) => ({
      name,
      size,
      mtime: modified.toISOString(),
      crtime: modified.toISOString(),
      mime: "text/plain",
      href: this.#href(name),
      path: `/home/LogFiles/${name}`,
    }));
  }

  /** Streams a log file, which may go on growing: its length is not told. */
  #file(name: string, request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
    if (request.method === "HEAD") return void response.end();
    pipeline(createReadStream(join(this.#options.log.directory, name)), response, (error) => {
      // A client that has had enough is no fault.
      if (error && error.code !== "ERR_STREAM_PREMATURE_CLOSE") {
        this.#options.report(`scm ${request.url}: ${error.message}`);
      }
    });
  }

  #href(name: string): string {
    return `${this.#origin}/api/vfs/LogFiles/${name}`;
  }
}

function splitOnce(value: string, separator: string): [string, string] {
  const at = value.indexOf(separator);
  return at < 0 ? [value, ""] : [value.slice(0, at), value.slice(at + separator.length)];
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(body);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
