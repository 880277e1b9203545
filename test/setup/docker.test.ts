import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { ensureDockerDaemon, findDockerDaemon } from "../../local/setup/docker.ts";
import { startDaemon } from "../../local/setup/docker-daemon.ts";
import { machine, sentence, temporaryFolder } from "./sandbox.ts";

beforeEach(() => {
  vi.stubEnv("DOCKER_HOST", undefined);
  vi.stubEnv("DOCKER_CONTEXT", undefined);
  vi.stubEnv("DOCKER_CONFIG", temporaryFolder());
});
afterEach(() => vi.unstubAllEnvs());

/** A daemon that answers pings, at a socket of its own. */
async function fakeDaemon(status = 200): Promise<string> {
  const socket = join(temporaryFolder(), "docker.sock");
  await listen(socket, status);
  return socket;
}

async function listen(where: string | { port: number; host: string }, status = 200): Promise<Server> {
  const server = createServer((_, response) => response.writeHead(status).end("OK"));
  await new Promise<void>((resolve) => server.listen(where, resolve));
  onTestFinished(() => void server.close());
  return server;
}

function context(name: string, host: string): void {
  const directory = process.env.DOCKER_CONFIG!;
  writeFileSync(join(directory, "config.json"), JSON.stringify({ currentContext: name }));
  const meta = join(directory, "contexts", "meta", createHash("sha256").update(name).digest("hex"));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Endpoints: { docker: { Host: host } } }));
}

it("uses the daemon that DOCKER_HOST names, and leaves the variable as it is", async () => {
  vi.stubEnv("DOCKER_HOST", `unix://${await fakeDaemon()}`);
  expect(await ensureDockerDaemon(machine().context)).toEqual({ host: undefined, startedByUs: false });
});

it("uses the daemon of the current Docker context", async () => {
  const host = `unix://${await fakeDaemon()}`;
  context("rootless", host);
  expect(await findDockerDaemon("/nonexistent")).toEqual({ host, startedByUs: false });
});

it("says whose choice the daemon is that does not answer", async () => {
  vi.stubEnv("DOCKER_HOST", "unix:///nonexistent/docker.sock");
  expect(await sentence(ensureDockerDaemon(machine().context))).toBe(
    "No Docker daemon answers at unix:///nonexistent/docker.sock, which DOCKER_HOST names (nothing listens there): start it, or choose the machine's own (unset DOCKER_HOST and DOCKER_CONTEXT, or run `docker context use default`).",
  );
  vi.stubEnv("DOCKER_HOST", undefined);
  context("mine", `unix://${await fakeDaemon(500)}`);
  expect(await sentence(ensureDockerDaemon(machine().context))).toMatch(
    /which the Docker context 'mine' names \(.*500/,
  );
});

it("refuses a daemon on another machine: published ports would be there", async () => {
  vi.stubEnv("DOCKER_HOST", "ssh://builder.example.com");
  expect(await sentence(ensureDockerDaemon(machine().context))).toContain(
    "DOCKER_HOST leads to a Docker daemon on another machine (ssh://builder.example.com)",
  );
});

const own = "unix:///var/run/docker.sock";
it.each([
  ["/var/run/docker.sock", `a path without its scheme: set DOCKER_HOST=${own}, or unset it.`],
  ["unix:/var/run/docker.sock", `which names no file from the root on: set DOCKER_HOST=${own}, or unset it.`],
  ["unix:var/run/docker.sock", `which names no file from the root on: set DOCKER_HOST=${own}, or unset it.`],
  [
    "unix://var/run/docker.sock",
    `which names no file from the root on: set DOCKER_HOST=${own}, or unset it.`,
  ],
  ["localhost:2375", "which lacks its scheme: set DOCKER_HOST=tcp://localhost:2375, or unset it."],
  ["tcp://localhost", "which lacks its port: set DOCKER_HOST=tcp://localhost:2375, or unset it."],
  ["tcp://0.0.0.0:2375", `which is no address of a Docker daemon: set DOCKER_HOST=${own}, or unset it.`],
  ["tcp://", `which is no address of a Docker daemon: set DOCKER_HOST=${own}, or unset it.`],
  ["fd://", `which is no address of a Docker daemon: set DOCKER_HOST=${own}, or unset it.`],
  ["nonsense", `which is no address of a Docker daemon: set DOCKER_HOST=${own}, or unset it.`],
  ["tcp://localhost:port", `which is no address of a Docker daemon: set DOCKER_HOST=${own}, or unset it.`],
  ["ssh://me@localhost", `and local Azure reaches no daemon by SSH: set DOCKER_HOST=${own}, or unset it.`],
  [
    "npipe:////./pipe/docker_engine",
    "a pipe of Windows, and local Azure runs on Linux: run the command in WSL 2 (https://docs.docker.com/desktop/features/wsl).",
  ],
])("tells what is wrong with DOCKER_HOST=%s, and what to set", async (host, rest) => {
  vi.stubEnv("DOCKER_HOST", host);
  expect(await sentence(ensureDockerDaemon(machine().context))).toBe(`DOCKER_HOST says '${host}', ${rest}`);
});

it("tells the same of a context, and how to choose another", async () => {
  context("mine", "/var/run/docker.sock");
  expect(await sentence(findDockerDaemon("/nonexistent"))).toBe(
    `the Docker context 'mine' says '/var/run/docker.sock', a path without its scheme: make that ${own}, or run \`docker context use default\`.`,
  );
});

it.each(["tcp://localhost.example.com:2375", "tcp://127.example.com:2375", "http://192.0.2.1:2375"])(
  "takes %s for another machine",
  async (host) => {
    vi.stubEnv("DOCKER_HOST", host);
    expect(await sentence(ensureDockerDaemon(machine().context))).toContain(`on another machine (${host})`);
  },
);

it.each([
  ["127.0.0.1", "DOCKER_HOST"],
  ["[::1]", "DOCKER_HOST"],
  ["127.0.0.1", "the context"],
  ["[::1]", "the context"],
])("takes a daemon at a port of %s that %s names", async (address, by) => {
  const server = await listen({ port: 0, host: address.replace(/[[\]]/g, "") });
  const host = `tcp://${address}:${(server.address() as AddressInfo).port}`;
  if (by === "DOCKER_HOST") vi.stubEnv("DOCKER_HOST", host);
  else context("mine", host);
  const expected = by === "DOCKER_HOST" ? undefined : host;
  expect(await findDockerDaemon("/nonexistent")).toEqual({ host: expected, startedByUs: false });
});

it("names the context that does not exist", async () => {
  vi.stubEnv("DOCKER_CONTEXT", "gone");
  expect(await sentence(ensureDockerDaemon(machine().context))).toContain(
    "There is no Docker context 'gone'",
  );
});

it.skipIf(process.getuid?.() !== 0)(
  "says that the user may not use the daemon, and how to be allowed",
  async () => {
    const socket = await fakeDaemon();
    vi.stubEnv("DOCKER_HOST", `unix://${socket}`);
    const message = await asNobody(() => sentence(ensureDockerDaemon(machine().context)));
    expect(message).toMatch(
      /^User \S+ may not use the Docker daemon at \/\S+docker\.sock: run `sudo usermod -aG docker \S+` and log in again/,
    );
  },
);

it.skipIf(process.getuid?.() !== 0)("says that there is no daemon where it may not start one", async () => {
  const { context: here } = machine();
  const message = await asNobody(() => sentence(startDaemon(here, () => Promise.resolve(false))));
  expect(message).toBe(
    "No Docker daemon answers at /var/run/docker.sock: start it (`sudo systemctl start docker`, or Docker Desktop), or install it (https://docs.docker.com/engine/install).",
  );
});

async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  process.seteuid!(65534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}
