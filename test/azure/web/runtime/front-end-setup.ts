import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll } from "vitest";
import { Upstream } from "../../../../local/azure/web/runtime/forward.ts";
import { FrontEnd, type FrontEndSettings } from "../../../../local/azure/web/runtime/front-end.ts";
import { type LocalCertificates, localCertificates } from "../../../../local/net/certificates.ts";
import { freePort } from "../../../../local/net/ports.ts";

let folder: string;
export let certificates: LocalCertificates;
export const closing: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "front-end-test-"));
  certificates = await localCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What front ends did not foresee. */
export const failures: Error[] = [];

export interface Setup {
  frontEnd: FrontEnd;
  port: number;
  settings: FrontEndSettings;
}

/** A front end without a container. */
export async function start(changes: Partial<FrontEndSettings> = {}, hold = 10_000): Promise<Setup> {
  const frontEnd = new FrontEnd("app-test", certificates, hold, "a".repeat(64), (error) =>
    failures.push(error),
  );
  const port = await freePort();
  const settings = {
    name: "app-test",
    port,
    httpsOnly: true,
    minTlsVersion: "1.2",
    http20Enabled: true,
    clientAffinityEnabled: false,
    ...changes,
  };
  await frontEnd.configure(settings);
  closing.push(() => frontEnd.close());
  return { frontEnd, port, settings };
}

/** Stands in for the container. */
export async function container(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  { idle = 230_000, exited = false } = {},
): Promise<{ upstream: Upstream; server: Server }> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const upstream = new Upstream(port, idle, async () => exited);
  closing.push(
    () => {
      server.close();
      server.closeAllConnections();
    },
    () => upstream.destroy(),
  );
  return { upstream, server };
}

export async function served(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  changes: Partial<FrontEndSettings> & { idle?: number; exited?: boolean } = {},
): Promise<Setup & { server: Server }> {
  const setup = await start(changes);
  const { upstream, server } = await container(handler, changes);
  setup.frontEnd.target = { state: "serving", upstream };
  return { ...setup, server };
}

export interface Answer {
  status: number;
  reason: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export async function ask(
  port: number,
  options: {
    path?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string | Readable;
    plain?: boolean;
  } = {},
): Promise<Answer> {
  const { path = "/", method = "GET", headers = {}, body, plain } = options;
  const send = plain ? httpRequest : httpsRequest;
  const request = send({ host: "localhost", port, path, method, headers, ca: certificates.ca, agent: false });
  if (body instanceof Readable) body.pipe(request);
  else request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return {
    status: response.statusCode!,
    reason: response.statusMessage!,
    headers: response.headers,
    body: await text(response),
  };
}

export const echoHeaders = (request: IncomingMessage, response: ServerResponse) => {
  response.end(JSON.stringify(request.rawHeaders));
};

/** Names in lower case → values. */
export function received(body: string): Record<string, string[]> {
  const raw = JSON.parse(body) as string[];
  const headers: Record<string, string[]> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    headers[name] = [...(headers[name] ?? []), raw[at + 1]!];
  }
  return headers;
}
