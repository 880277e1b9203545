import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
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
  const server = createServer((_, response) => response.writeHead(status).end("OK"));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return socket;
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
