/**
 * `npm run bench:overload -- [--seconds 5] [--rounds 3]`: what accepted requests wait when there are more than the app takes, against
 * what it promises: MAX_QUEUE_MS and twice the p99 that 16 connections see. The app has core 0, the clients core 1. Refused
 * clients come back 1 to 1.5 s later, as Retry-After asks, or (hammering) at once.
 */
import { parseArgs } from "node:util";
import setup from "../test/scoring-app/setup.ts";
import { loadByStatus } from "./scoring/client.ts";
import { scoringApp } from "./scoring/contenders.ts";
import { bodyFor, median, memory, start } from "./scoring/measure.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "5" }, rounds: { type: "string", default: "3" } },
});
const seconds = Number(values.seconds);
setup();

const app = scoringApp("gradient-boosting");
const row = () => Array.from({ length: 10 }, () => Number((Math.random() - 0.5).toFixed(6)));
const tables = (rows: number) => Array.from({ length: 100 }, () => Array.from({ length: rows }, row));

/** The default. */
const MAX_QUEUE_MS = 1000;
const LOADS = [
  { load: "16 connections", connections: 16, backOff: 0 },
  { load: "many, Retry-After obeyed", connections: undefined, backOff: 1000 },
  { load: "many, hammering", connections: undefined, backOff: 0 },
];
const quantile = (sorted: number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

for (const [rows, many] of [
  // Work for less than MAX_QUEUE_MS: nobody is refused.
  [2, 512],
  [100, 512],
  // Work for more.
  [1000, 512],
] as const) {
  const results = new Map(LOADS.map(({ load }) => [load, [] as Record<string, number>[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    const some = tables(rows);
    const list = some.map((table) => bodyFor(app, table));
    const running = await start(app, some[0]!);
    await loadByStatus(running.port, list, 16, 1, 0);
    for (const { load, connections, backOff } of LOADS) {
      const latencies = await loadByStatus(running.port, list, connections ?? many, seconds, backOff);
      const accepted = (latencies.get(200) ?? []).sort((a, b) => a - b);
      const refused = [429, 503].flatMap((status) => latencies.get(status) ?? []).sort((a, b) => a - b);
      const others = [...latencies].filter(([status]) => ![200, 429, 503].includes(status));
      results.get(load)!.push({
        "accepted/s": accepted.length / seconds,
        "accepted p50 ms": quantile(accepted, 0.5),
        "accepted p99 ms": quantile(accepted, 0.99),
        "refused/s": refused.length / seconds,
        "refused p99 ms": quantile(refused, 0.99),
        others: others.reduce((sum, [, list]) => sum + list.length, 0),
        MB: memory(running),
      });
    }
    await running.stop();
  }
  console.log(
    `\ngradient boosting, ${rows} rows a request, many: ${many} connections; median of ${values.rounds} rounds of ${seconds} s`,
  );
  const of = (load: string, key: string) => median(results.get(load)!.map((figures) => figures[key]!));
  const promised = MAX_QUEUE_MS + 2 * of("16 connections", "accepted p99 ms");
  console.table(
    Object.fromEntries(
      [...results].map(([load, rounds]) => {
        const figures = Object.keys(rounds[0]!).map((key) => [key, Number(of(load, key).toFixed(2))]);
        const ratio = of(load, "accepted p99 ms") / promised;
        return [load, { ...Object.fromEntries(figures), "p99 to promised": Number(ratio.toFixed(2)) }];
      }),
    ),
  );
}
