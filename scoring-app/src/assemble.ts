import { createApp, type Listener } from "./http/app.ts";
import type { Route } from "./http/routes.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { docsRoute } from "./routes/docs.ts";
import { healthRoutes } from "./routes/health.ts";
import { inferenceRoutes } from "./routes/inference.ts";
import { invocationRoutes } from "./routes/invocations.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { scoreRoute } from "./routes/score.ts";
import { swaggerRoute } from "./routes/swagger.ts";
import type { OpenSession } from "./runtime/runtime.ts";
import type { EntryScript } from "./scoring/entry-script.ts";
import { ScoringService } from "./scoring/service.ts";
import type { Settings } from "./settings.ts";

export interface Parts {
  log: Log;
  /** Instead of AZUREML_ENTRY_SCRIPT or the default one. */
  entry?: EntryScript;
  /** Instead of ONNX Runtime. */
  open?: OpenSession;
  /** Text of /metrics; of this process's registry unless told. */
  collectMetrics?: (() => Promise<string>) | undefined;
  /** Told when what scores is gone for good. */
  onHopeless?: (error: Error) => void;
}

/** Loaded where it is used: an app with another runtime does without it. */
const openOnnx: OpenSession = async (folder) => {
  // By itself: a bundled file loads the library before any line of its own.
  await import("./runtime/onnx/telemetry.ts");
  return (await import("./runtime/onnx/session.ts")).openOnnx(folder);
};

export interface Assembled {
  service: ScoringService;
  listener: Listener;
  routes: Route[];
  metrics: ReturnType<typeof createMetrics> | undefined;
}

/** Puts the app together from its parts; it listens to nothing and has not scored yet. */
export async function assemble(settings: Settings, parts: Parts): Promise<Assembled> {
  const { log, entry } = parts;
  const metrics = settings.metrics ? createMetrics() : undefined;
  const { onHopeless } = parts;
  const service = await ScoringService.start(settings, {
    open: parts.open ?? openOnnx,
    entry,
    onRun: metrics?.onRun,
    log,
    onHopeless,
  });
  const routes: Route[] = [
    ...healthRoutes(service),
    scoreRoute(service),
    ...invocationRoutes(service),
    ...inferenceRoutes(service),
  ];
  routes.push(swaggerRoute(service, () => routes));
  if (settings.docs) routes.push(docsRoute(service));
  if (metrics) {
    metrics.watch(service);
    routes.push(
      metricsRoute(metrics.registry.contentType, parts.collectMetrics ?? (() => metrics.registry.metrics())),
    );
  }
  const logs = settings.accessLog;
  const listener = createApp({
    service,
    log,
    routes,
    onAnswered(exchange) {
      metrics?.onAnswered(exchange);
      // Overload is told by the metrics: a line a refused request would add to the load.
      if (logs === "all" || (logs === "failures" && exchange.status >= 400 && exchange.status !== 429)) {
        log.info("request", {
          requestId: exchange.requestId,
          clientRequestId: exchange.clientRequestId,
          traceparent: exchange.traceparent,
          method: exchange.method,
          path: exchange.path,
          status: exchange.status,
          ms: Number((exchange.ended - exchange.started).toFixed(3)),
        });
      }
    },
  });
  return { service, listener, routes, metrics };
}
