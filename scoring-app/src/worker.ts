import type { AddressInfo } from "node:net";
import { assemble, type Parts } from "./assemble.ts";
import { createScoringServer } from "./http/server.ts";
import { drainServer } from "./http/shutdown.ts";
import type { ScoringService } from "./scoring/service.ts";
import type { Settings } from "./settings.ts";

export interface Worker {
  port: number;
  service: ScoringService;
  /** Not ready at once; resolves when the requests in flight are answered or the grace time is over. */
  stop(): Promise<boolean>;
}

/** Loads everything, listens, and scores the sample: then it is ready. */
export async function startWorker(settings: Settings, parts: Parts): Promise<Worker> {
  const { service, listener } = await assemble(settings, parts);
  const server = createScoringServer(settings, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`port ${settings.port} is in use; PORT names another`)
          : error,
      ),
    );
    server.listen(settings.port, () => resolve());
  });
  await service.warmUp();
  return {
    port: (server.address() as AddressInfo).port,
    service,
    async stop() {
      service.drain();
      const whole = await drainServer(server, settings.shutdownGraceMs);
      await service.stop();
      return whole;
    },
  };
}
