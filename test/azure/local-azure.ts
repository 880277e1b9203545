import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import Dockerode from "dockerode";
import { containerRegistry } from "../../local/azure/container-registry/provider.ts";
import type { ProviderFactory } from "../../local/azure/core/provider.ts";
import { resources } from "../../local/azure/resources/provider.ts";
import { type Azure, startAzure } from "../../local/azure/server.ts";
import { PortBook } from "../../local/net/ports.ts";

export const subscriptionId = "11111111-2222-4333-8444-555555555555";
export const tenantId = "99999999-2222-4333-8444-555555555555";
export const subscription = `/subscriptions/${subscriptionId}`;
export const apiVersion = "2022-09-01";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the server sent.
  json: any;
}

interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  ca: string;
}

/** One HTTPS request by a client that knows only the local CA. */
export function send(url: string, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers, body, ca } = options;
    const request = httpsRequest(url, { method, headers, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const isJson = String(response.headers["content-type"]).includes("json") && text !== "";
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The status that a client gets which reads nothing before it has sent all of a large body. */
export async function statusAfterBody(
  url: string,
  method: string,
  head: string,
  ca: string,
): Promise<number> {
  const { hostname, port, pathname, search } = new URL(url);
  const body = Buffer.alloc(20 << 20, "x");
  const socket = connect({ host: hostname, port: Number(port), ca }).pause();
  try {
    socket.write(`${method} ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${head}`);
    socket.write(`Content-Length: ${body.length}\r\n\r\n`);
    const failed = once(socket, "error").then(([error]) => Promise.reject(error));
    await Promise.race([new Promise((sent) => socket.write(body, sent)), failed]);
    const [answer] = (await Promise.race([once(socket.resume(), "data"), failed])) as [Buffer];
    return Number(answer.toString().split(" ")[1]);
  } finally {
    socket.destroy();
  }
}

export interface LocalAzure {
  azure: Azure;
  directory: string;
  ca: string;
  logs: string[];
  /** A bearer token of the identity endpoint's, for the resource manager unless told. */
  token(resource?: string): Promise<string>;
  /** A request to the resource manager with a token; api-version is added where the path has no query. */
  arm(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Ends it and removes its files. */
  dispose(): Promise<void>;
}

export interface LocalAzureOptions {
  directory?: string;
  registryBinary?: string;
  /** Beside those of resource groups and container registries. */
  providers?: ProviderFactory[];
}

/** Stands in for CNCF Distribution where a test looks at what is in front of it. */
export const echoRegistry = join(import.meta.dirname, "container-registry", "runtime", "echo-registry.mjs");

/** Local Azure on free ports with its state in a temporary folder (or in `directory`, then kept). */
export async function startLocalAzure(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "azure-test-")));
  const logs: string[] = [];
  const azure = await startAzure({
    directory,
    ports: new PortBook(join(directory, "ports.json")),
    docker: new Dockerode(),
    registryBinary: options.registryBinary ?? echoRegistry,
    subscriptionId,
    tenantId,
    clone: directory,
    providers: [containerRegistry, ...(options.providers ?? []), resources],
    log: (line) => logs.push(line),
  });
  const ca = await readFile(azure.access.caFile, "utf8");
  const token = async (resource = "https://management.azure.com/") => {
    const url = `${azure.access.identityEndpoint}?resource=${encodeURIComponent(resource)}&api-version=2019-08-01`;
    const response = await fetch(url, { headers: { "X-IDENTITY-HEADER": azure.access.identityHeader } });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const bearer = await token();
  return {
    azure,
    directory,
    ca,
    logs,
    token,
    arm(method, path, body) {
      const url = `${azure.access.resourceManager}${path}${path.includes("?") ? "" : `?api-version=${apiVersion}`}`;
      const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
      return send(url, { method, headers, ca, body: body === undefined ? undefined : JSON.stringify(body) });
    },
    async dispose() {
      await azure.close();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Polls a long-running operation until it is over. */
export async function finished({ arm }: LocalAzure, started: Answer): Promise<Answer> {
  const url = new URL(String(started.headers.location ?? started.headers["azure-asyncoperation"]));
  for (;;) {
    const answer = await arm("GET", `${url.pathname}${url.search}`);
    if (answer.status !== 202 && answer.json?.status !== "InProgress") return answer;
  }
}
