import cluster, { type Worker as ClusterWorker } from "node:cluster";
import { AggregatorRegistry } from "prom-client";
import { messageOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./settings.ts";

interface Ask {
  scoringMetrics: number;
}
interface Answer {
  scoringMetrics: number;
  text?: string;
  error?: string;
}

/**
 * Runs WORKER_COUNT processes that share the port, answers their questions for everybody's metrics, passes the end on.
 * @returns the exit code: 0 after a signal, 1 when a worker ended by itself.
 */
export async function runWorkers(settings: Settings, log: Log): Promise<number> {
  const registry = new AggregatorRegistry();
  let stopping = false;
  let code = 0;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
  };
  cluster.on("message", (worker: ClusterWorker, message: Partial<Ask>) => {
    const { scoringMetrics } = message;
    if (scoringMetrics === undefined) return;
    registry.clusterMetrics().then(
      (text) => worker.send({ scoringMetrics, text } satisfies Answer),
      (error: unknown) => worker.send({ scoringMetrics, error: messageOf(error) } satisfies Answer),
    );
  });
  const ends = Array.from({ length: settings.workers }, async () => {
    const worker = cluster.fork();
    const [exit, signal] = await endOf(worker);
    if (stopping) return;
    log.error("a worker ended: the others end too", { pid: worker.process.pid, code: exit, signal });
    code = 1;
    stop("SIGTERM");
  });
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await Promise.all(ends);
  return code;
}

/** How a worker ended. @throws Error where it could not be started. */
function endOf(worker: ClusterWorker): Promise<[code: number | null, signal: string | null]> {
  return new Promise((resolve, reject) => {
    worker.once("exit", (code, signal) => resolve([code, signal]));
    // Of one that has a process it says that a message came too late, as an answer about metrics may.
    worker.on("error", (error) => {
      if (worker.process.pid === undefined) reject(error);
    });
  });
}

/** Inside a worker: asks the first process for the metrics of all. */
export function askForMetrics(): () => Promise<string> {
  // Makes this process answer the first one's collections.
  new AggregatorRegistry();
  const waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void }>();
  let last = 0;
  process.on("message", (message: Answer) => {
    const ask = waiting.get(message?.scoringMetrics);
    if (!ask) return;
    waiting.delete(message.scoringMetrics);
    if (message.text === undefined) ask.reject(new Error(message.error));
    else ask.resolve(message.text);
  });
  return () =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      process.send!({ scoringMetrics: last } satisfies Ask);
    });
}
