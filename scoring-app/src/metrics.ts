import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Exchange } from "./http/exchange.ts";
import type { ScoringService } from "./scoring/service.ts";

/** What /metrics tells, and the two calls that feed it. */
export interface Metrics {
  registry: Registry;
  onAnswered(exchange: Exchange): void;
  onRun(rows: number, requests: number): void;
  /** Adds what only the loaded service knows: queue length, models. */
  watch(service: ScoringService): void;
}

/** Requests of one route. */
interface Tally {
  labels: { route: string };
  /** By method, then by status. */
  counts: Map<string, Map<number, number>>;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  AggregatorRegistry.setRegistries(registry);
  collectDefaultMetrics({ register: registry });
  // Hashing three labels for every request would cost a fiftieth of it: counted here, told when asked.
  const tallies = new Map<Exchange["route"], Tally>();
  new Counter({
    name: "scoring_requests_total",
    help: "Requests answered, by route, method and status",
    labelNames: ["route", "method", "status"],
    registers,
    collect() {
      this.reset();
      for (const { labels, counts } of tallies.values()) {
        for (const [method, byStatus] of counts) {
          for (const [status, count] of byStatus) this.inc({ ...labels, method, status }, count);
        }
      }
    },
  });
  const tallyOf = (route: Exchange["route"]): Tally => {
    const tally = { labels: { route: route?.path ?? "none" }, counts: new Map() };
    tallies.set(route, tally);
    return tally;
  };
  const durations = new Histogram({
    name: "scoring_request_duration_seconds",
    help: "Time from a request's head to its answer",
    labelNames: ["route"],
    buckets: SECONDS,
    registers,
  });
  const rows = new Counter({ name: "scoring_rows_total", help: "Rows scored", registers });
  const batchRows = new Histogram({
    name: "scoring_batch_rows",
    help: "Rows in one run of a model",
    buckets: SIZES,
    registers,
  });
  const batchRequests = new Histogram({
    name: "scoring_batch_requests",
    help: "Requests gathered into one run of a model",
    buckets: SIZES,
    registers,
  });
  return {
    registry,
    onAnswered({ method: given, status, started, ended, route }) {
      const { labels, counts } = tallies.get(route) ?? tallyOf(route);
      // Methods of strangers would make a series each.
      const method = route?.methods[given] ? given : "other";
      let byStatus = counts.get(method);
      if (!byStatus) {
        byStatus = new Map();
        counts.set(method, byStatus);
      }
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      durations.observe(labels, (ended - started) / 1000);
    },
    onRun(count, gathered) {
      rows.inc(count);
      batchRows.observe(count);
      batchRequests.observe(gathered);
    },
    watch(service) {
      new Gauge({
        name: "scoring_queue_requests",
        help: "Requests accepted and not yet answered",
        registers,
        collect() {
          this.set(service.admission.pending);
        },
      });
      new Gauge({
        name: "scoring_queue_limit",
        help: "Requests that may be under way at present (MAX_QUEUE, MAX_QUEUE_MS)",
        registers,
        collect() {
          this.set(service.admission.limit);
        },
      });
      const info = new Gauge({
        name: "scoring_model_info",
        help: "Models served, by name and version",
        labelNames: ["name", "version"],
        registers,
      });
      for (const { name, version } of service.models.values()) info.set({ name, version }, 1);
    },
  };
}
