import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Dockerode from "dockerode";

export interface StubDaemon {
  docker: Dockerode;
  /** `METHOD path`, decoded, of each request so far. */
  requests: string[];
  dispose(): Promise<void>;
}

/** Answers as `statusOf` says, and redirects what Docker would: a path with an empty or a dotted part. */
export async function startStubDaemon(statusOf: (request: string) => number): Promise<StubDaemon> {
  const folder = await mkdtemp(join(tmpdir(), "stub-daemon-"));
  const requests: string[] = [];
  const server = createServer(({ method, url = "" }, response) => {
    const request = `${method} ${decodeURIComponent(url)}`;
    requests.push(request);
    const strange = /\/(\/|\.\.?\/)/.exec(url);
    response.writeHead(strange ? 301 : statusOf(request), strange ? { Location: "/elsewhere" } : {});
    response.end(JSON.stringify({ message: "the daemon's message" }));
  });
  const socketPath = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    docker: new Dockerode({ socketPath }),
    requests,
    async dispose() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
