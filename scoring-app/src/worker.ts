import type { AddressInfo } from "node:net";
import { createApp } from "./http/app.ts";
import type { Route } from "./http/routes.ts";
import { createScoringServer } from "./http/server.ts";
import { drainServer } from "./http/shutdown.ts";
import type { Log } from "./log.ts";
import { healthRoutes } from "./routes/health.ts";
import { scoreRoute } from "./routes/score.ts";
import { swaggerRoute } from "./routes/swagger.ts";
import { ScoringService } from "./scoring/service.ts";
import type { Settings } from "./settings.ts";

export interface Worker {
  port: number;
  service: ScoringService;
  /** Not ready at once; resolves when the requests in flight are answered or the grace time is over. */
  stop(): Promise<boolean>;
}

/** Loads everything, listens, and scores the sample. */
export async function startWorker(settings: Settings, log: Log): Promise<Worker> {
  const service = await ScoringService.start(settings);
  const routes: Route[] = [...healthRoutes(service), scoreRoute(service)];
  routes.push(swaggerRoute(service, () => routes));
  const server = createScoringServer(settings, createApp({ service, log, routes }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, () => resolve());
  });
  await service.warmUp();
  const { port } = server.address() as AddressInfo;
  return {
    port,
    service,
    stop() {
      service.drain();
      return drainServer(server, settings.shutdownGraceMs);
    },
  };
}
