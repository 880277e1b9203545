/**
 * `npm run bench:scoring -- [--seconds 5] [--rounds 3] [--model ridge] [--front URL]`: the scoring app beside its peers, one core
 * each, wrk on the other. With `--front https://localhost:PORT` (from `npm run local -- outputs`) the deployed app is measured
 * through local Azure's front end too. Every round starts every server anew; figures are medians of the rounds. Needs wrk (Debian), two cores and
 * python3-venv.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import setup from "../test/scoring-app/setup.ts";
import { contenders, MODELS, scoringApp } from "./scoring/contenders.ts";
import {
  bodyFor,
  type Contender,
  cpuSeconds,
  type Load,
  load,
  median,
  memory,
  pathOf,
  type Running,
  scratchFolder,
  start,
  sum,
  tables,
  writeScript,
} from "./scoring/measure.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    model: { type: "string", multiple: true, default: Object.keys(MODELS) },
    front: { type: "string" },
  },
});
const unknown = values.model.find((model) => !Object.hasOwn(MODELS, model));
if (unknown !== undefined) {
  throw new Error(`--model ${unknown}: expected ${Object.keys(MODELS).join(" or ")}`);
}
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

setup();
const scratch = scratchFolder();

const twoRows = tables(1000, 2);
const thousandRows = tables(20, 1000);

let scripts = 0;
function script(contender: Contender, bodies: number[][][]): string {
  const file = join(scratch, `${++scripts}.lua`);
  const texts = bodies.map((rows) => bodyFor(contender, rows));
  writeScript(file, pathOf(contender), texts);
  return file;
}

interface Figures {
  ready: number;
  idle: number;
  loaded: number;
  at: Record<number, Load>;
  rowsPerSecond: number;
}

async function measure(contender: Contender): Promise<Figures> {
  const small = script(contender, twoRows);
  const running = await start(contender, twoRows[0]!);
  const origin = `http://127.0.0.1:${running.port}`;
  try {
    const idle = memory(running);
    await load(origin, small, 16, 2);
    const at: Record<number, Load> = {};
    for (const connections of [1, 16, 64]) at[connections] = await load(origin, small, connections, seconds);
    const loaded = memory(running);
    const { perSecond } = await load(origin, script(contender, thousandRows), 4, Math.min(seconds, 3));
    return { ready: running.readyMs, idle, loaded, at, rowsPerSecond: perSecond * 1000 };
  } finally {
    await running.stop();
  }
}

interface Layout {
  apps: number;
  workers: number;
}

interface Efficiency {
  perCpuSecond: number;
  /** µs of CPU in the kernel for a request. */
  kernelMicros: number;
}

/**
 * Requests per CPU-second with 64 connections to each worker; both cores are everybody's, the clients' too. Two apps
 * of one worker, with a client each, show what is due to shared cores.
 */
async function measureWorkers({ apps, workers }: Layout): Promise<Efficiency> {
  const app = scoringApp("ridge");
  const env = { ...app.env, WORKER_COUNT: String(workers) };
  const small = script(app, twoRows);
  const running: Running[] = [];
  const loadAll = async (duration: number) => {
    const loads = running.map(({ port }) =>
      load(`http://127.0.0.1:${port}`, small, 64 * workers, duration, "0,1"),
    );
    const results = await Promise.all(loads);
    return { perSecond: sum(results.map((r) => r.perSecond)), errors: sum(results.map((r) => r.errors)) };
  };
  try {
    for (let i = 0; i < apps; i++) {
      running.push(await start({ ...app, env, cores: "0,1" }, twoRows[0]!));
    }
    await loadAll(2);
    const used = () => {
      const all = running.map(cpuSeconds);
      return {
        total: sum(all.map((each) => each.user + each.kernel)),
        kernel: sum(all.map((each) => each.kernel)),
      };
    };
    const before = used();
    const { perSecond, errors } = await loadAll(seconds);
    const after = used();
    const total = after.total - before.total;
    const kernel = after.kernel - before.kernel;
    console.log(
      `${apps} app(s), ${workers} worker(s) each: ${Math.round(perSecond)} req/s with ${total.toFixed(2)} CPU-s, ${kernel.toFixed(2)} of them in the kernel, ${errors} errors`,
    );
    const requests = perSecond * seconds;
    return { perCpuSecond: requests / total, kernelMicros: (1e6 * kernel) / requests };
  } finally {
    for (const each of running) await each.stop();
  }
}

for (const model of values.model) {
  const list = contenders(model, scratch);
  const results = new Map(list.map(({ name }) => [name, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of list) results.get(contender.name)!.push(await measure(contender));
  }
  const of = (name: string, pick: (figures: Figures) => number) => median(results.get(name)!.map(pick));
  const ratio = (name: string, connections: number) => {
    const perSecond = (figures: Figures) => figures.at[connections]!.perSecond;
    return (of("scoring app", perSecond) / of(name, perSecond)).toFixed(2);
  };
  const table = list.map(({ name }) => ({
    server: name,
    "req/s c1": Math.round(of(name, (f) => f.at[1]!.perSecond)),
    c16: Math.round(of(name, (f) => f.at[16]!.perSecond)),
    c64: Math.round(of(name, (f) => f.at[64]!.perSecond)),
    "p50 c16 ms": of(name, (f) => f.at[16]!.p50).toFixed(2),
    "p99 c16 ms": of(name, (f) => f.at[16]!.p99).toFixed(2),
    "1000-row rows/s": Math.round(of(name, (f) => f.rowsPerSecond)),
    "ready ms": Math.round(of(name, (f) => f.ready)),
    "idle MB": Math.round(of(name, (f) => f.idle)),
    "loaded MB": Math.round(of(name, (f) => f.loaded)),
    errors: of(name, (f) => f.at[1]!.errors + f.at[16]!.errors + f.at[64]!.errors),
    "app's ratio c1": ratio(name, 1),
    "ratio c16": ratio(name, 16),
    "ratio c64": ratio(name, 64),
  }));
  console.log(`\n${model}: two-row requests, median of ${rounds} interleaved rounds of ${seconds} s`);
  console.table(table);
}
const LAYOUTS: Record<string, Layout> = {
  "one worker": { apps: 1, workers: 1 },
  "two workers": { apps: 1, workers: 2 },
  "two apps of one worker": { apps: 2, workers: 1 },
};
const measured = Object.keys(LAYOUTS).map(() => [] as Efficiency[]);
for (let round = 0; round < rounds; round++) {
  for (const [i, layout] of Object.values(LAYOUTS).entries()) {
    measured[i]!.push(await measureWorkers(layout));
  }
}
console.log("\nRequests per CPU-second, clients and servers on the same two cores");
const efficiency = (i: number) => median(measured[i]!.map((each) => each.perCpuSecond));
console.table(
  Object.keys(LAYOUTS).map((layout, i) => ({
    layout,
    "req/CPU-s": Math.round(efficiency(i)),
    "to one": (efficiency(i) / efficiency(0)).toFixed(2),
    "kernel µs/req": median(measured[i]!.map((each) => each.kernelMicros)).toFixed(1),
  })),
);
if (values.front) {
  const { origin } = new URL(values.front);
  const small = script(scoringApp("ridge"), twoRows);
  const running = await start({ ...scoringApp("ridge"), cores: "0,1" }, twoRows[0]!);
  const targets = { direct: `http://127.0.0.1:${running.port}`, front: origin };
  const table = [];
  for (const connections of [1, 16, 64]) {
    const loads = { direct: [] as Load[], front: [] as Load[] };
    for (let round = 0; round < rounds; round++) {
      for (const name of ["direct", "front"] as const) {
        loads[name].push(await load(targets[name], small, connections, seconds, "0,1"));
      }
    }
    const of = (name: keyof typeof loads, pick: (load: Load) => number) => median(loads[name].map(pick));
    table.push({
      connections,
      "direct req/s": Math.round(of("direct", (l) => l.perSecond)),
      "front req/s": Math.round(of("front", (l) => l.perSecond)),
      "front to direct": (of("front", (l) => l.perSecond) / of("direct", (l) => l.perSecond)).toFixed(2),
      "direct p99 ms": of("direct", (l) => l.p99).toFixed(2),
      "front p99 ms": of("front", (l) => l.p99).toFixed(2),
      errors: of("direct", (l) => l.errors) + of("front", (l) => l.errors),
    });
  }
  await running.stop();
  console.log(
    `\nDirect, and through ${origin} (TLS, local Azure's front end and a container); all on two cores`,
  );
  console.table(table);
}
