import { messageOf } from "./errors.ts";
import { createLog } from "./log.ts";
import { RunFailure } from "./scoring/service.ts";
import { readSettings } from "./settings.ts";
import { startWorker } from "./worker.ts";

/** Port, signals and exit: the only file that owns the process. */
const log = createLog();

process.on("uncaughtException", (error) => {
  log.error("uncaught error: the process ends", { error: messageOf(error), stack: error.stack });
  process.exit(1);
});

try {
  const worker = await startWorker(readSettings(process.env), log);
  log.info("ready", {
    port: worker.port,
    models: [...worker.service.models.values()].map(({ name, version }) => `${name}@${version}`),
    startedMs: Math.round(performance.now()),
  });
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info("stopping", { signal, pending: worker.service.pending });
    const whole = await worker.stop();
    log.info("stopped", { whole });
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
} catch (error) {
  const cause = error instanceof RunFailure ? error.cause : error;
  log.error(`the app does not start: ${messageOf(cause)}`);
  process.exit(1);
}
