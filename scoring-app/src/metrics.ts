import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type Metric,
  Registry,
} from "prom-client";
import { Durations, type Series } from "./durations.ts";
import type { Exchange } from "./http/exchange.ts";
import type { Route } from "./http/routes.ts";
import type { ScoringService } from "./scoring/service.ts";

/** What /metrics tells, and the two calls that feed it. */
export interface Metrics {
  registry: Registry;
  onAnswered(exchange: Exchange): void;
  onRun(rows: number, requests: number): void;
  /** Adds what only the loaded service knows: queue length, models. */
  watch(service: ScoringService): void;
}

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

/** Of one route; a label set is hashed once, not at every request. */
interface Tally {
  duration: Series;
  /** By method, then by status. */
  counts: Map<string, Map<number, number>>;
}

const pathOf = (route: Route | undefined) => route?.path ?? "none";

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  AggregatorRegistry.setRegistries(registry);
  collectDefaultMetrics({ register: registry });
  // Plain numbers, told to prom-client when they are asked for: its counters would cost more than a request's routing.
  const tallies = new Map<Route | undefined, Tally>();
  new Counter({
    name: "scoring_requests_total",
    help: "Requests answered, by route, method and status",
    labelNames: ["route", "method", "status"],
    registers,
    collect() {
      this.reset();
      for (const [route, { counts }] of tallies) {
        for (const [method, byStatus] of counts) {
          for (const [status, count] of byStatus) this.inc({ route: pathOf(route), method, status }, count);
        }
      }
    },
  });
  const durations = new Durations();
  registry.registerMetric(durations as unknown as Metric);
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
  const tallyOf = (route: Route | undefined) => {
    const tally: Tally = { duration: durations.of(pathOf(route)), counts: new Map() };
    tallies.set(route, tally);
    return tally;
  };
  return {
    registry,
    onAnswered({ method: given, status, started, ended, route }) {
      const tally = tallies.get(route) ?? tallyOf(route);
      // Methods of strangers would make a series each.
      const method = route?.methods[given] ? given : "other";
      let counts = tally.counts.get(method);
      if (!counts) {
        counts = new Map();
        tally.counts.set(method, counts);
      }
      counts.set(status, (counts.get(status) ?? 0) + 1);
      tally.duration.observe((ended - started) / 1000);
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
