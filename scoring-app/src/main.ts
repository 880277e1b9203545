import cluster from "node:cluster";
import { askForMetrics, runWorkers } from "./cluster.ts";
import { messageOf } from "./errors.ts";
import { createLog } from "./log.ts";
import { readSettings, type Settings } from "./settings.ts";
import { startWorker, type Worker } from "./worker.ts";

/** Port, signals and exit: the only file that owns the process. */
const log = createLog();

process.on("uncaughtException", (error) => {
  log.error("uncaught error: the process ends", { error: messageOf(error), stack: error.stack });
  process.exit(1);
});

/** Serves until a signal comes. */
async function serve(settings: Settings): Promise<void> {
  const collectMetrics = cluster.isWorker && settings.metrics ? askForMetrics() : undefined;
  const onHopeless = (error: Error) => {
    log.error(`the app ends: ${error.message}`);
    process.exit(1);
  };
  let worker: Worker | undefined;
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info("stopping", { signal, pending: worker?.service.admission.pending ?? 0 });
    // An app that still starts has nothing to end.
    log.info("stopped", { whole: worker ? await worker.stop() : true });
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  worker = await startWorker(settings, { log, collectMetrics, onHopeless });
  log.info("ready", {
    port: worker.port,
    models: [...worker.service.models.values()].map(({ name, version }) => `${name}@${version}`),
    startedMs: Math.round(performance.now()),
  });
  for (const { name, signature } of worker.service.models.values()) {
    if (signature.alone)
      log.info("each request has a run of its own", { model: name, reason: signature.alone });
  }
}

try {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 12))
    throw new Error(`Node 22.12 or newer is needed; this is ${node}`);
  const settings = readSettings(process.env);
  if (settings.workers > 1 && cluster.isPrimary) process.exit(await runWorkers(settings, log));
  await serve(settings);
} catch (error) {
  log.error(`the app does not start: ${messageOf(error)}`);
  process.exit(1);
}
