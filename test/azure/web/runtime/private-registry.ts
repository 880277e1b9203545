import { createServer, request as httpRequest } from "node:http";
import { inject } from "vitest";
import { Distribution } from "../../../../local/azure/container-registry/runtime/distribution.ts";
import { type Listener, listenOnLoopback } from "../../../../local/net/loopback.ts";
import { freePort } from "../../../../local/net/ports.ts";

/** CNCF Distribution behind Basic authentication, with a password that a test may change. */
export class PrivateRegistry {
  readonly username = "crtest";
  password = "right-password";
  readonly loginServer: string;
  readonly #distribution: Distribution;
  #listener: Listener | undefined;

  private constructor(loginServer: string, distribution: Distribution) {
    this.loginServer = loginServer;
    this.#distribution = distribution;
  }

  /** @param directory - for its data; the caller removes it. */
  static async start(directory: string): Promise<PrivateRegistry> {
    const distribution = new Distribution(inject("registryBinary"), directory, () => undefined);
    await distribution.start();
    const port = await freePort();
    const registry = new PrivateRegistry(`localhost:${port}`, distribution);
    registry.#listener = await listenOnLoopback(() => registry.#front(), port, "a test's registry");
    return registry;
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
    await this.#distribution.stop();
  }

  #front() {
    return createServer((request, response) => {
      const basic = Buffer.from(`${this.username}:${this.password}`).toString("base64");
      if (request.headers.authorization !== `Basic ${basic}`) {
        const errors = [{ code: "UNAUTHORIZED", message: "authentication required" }];
        response.writeHead(401, {
          "WWW-Authenticate": 'Basic realm="test"',
          "Content-Type": "application/json",
          "Docker-Distribution-Api-Version": "registry/2.0",
        });
        return void response.end(JSON.stringify({ errors }));
      }
      const { authorization: _, ...headers } = request.headers;
      const { method, url: path } = request;
      const upstream = httpRequest({ socketPath: this.#distribution.socket, method, path, headers });
      upstream.on("response", (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      upstream.on("error", () => response.destroy());
      request.pipe(upstream);
    });
  }
}
