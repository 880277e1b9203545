/**
 * `node bench/scoring.ts [--seconds 5] [--rounds 3] [--model ridge] [--front URL]`: the scoring app beside its peers, one core
 * each, wrk on the other. With `--front https://localhost:PORT` (from `npm run local -- outputs`) the deployed app's front end
 * is measured too. Every round starts every server anew; figures are medians of the rounds. Needs wrk (Debian), two cores and
 * python3-venv.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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
  start,
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
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

setup();
const scratch = mkdtempSync(join(tmpdir(), "bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));

// Numbers of a fixed sequence: the same bodies in every run.
let state = 42;
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return Number((state / 2 ** 31 - 0.5).toFixed(6));
};
const tables = (count: number, rows: number) =>
  Array.from({ length: count }, () => Array.from({ length: rows }, () => Array.from({ length: 10 }, random)));
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

/** Requests per CPU-second with 64 connections to each worker; both cores are everybody's, the clients' too. */
async function measureWorkers(workers: number): Promise<number> {
  const app = scoringApp("ridge");
  const contender = { ...app, env: { ...app.env, WORKER_COUNT: String(workers) }, cores: "0,1" };
  const running = await start(contender, twoRows[0]!);
  const origin = `http://127.0.0.1:${running.port}`;
  try {
    const small = script(contender, twoRows);
    await load(origin, small, 64 * workers, 2, "0,1");
    const before = cpuSeconds(running);
    const { perSecond } = await load(origin, small, 64 * workers, seconds, "0,1");
    const used = cpuSeconds(running) - before;
    console.log(`${workers} worker(s): ${Math.round(perSecond)} req/s with ${used.toFixed(2)} CPU-s`);
    return (perSecond * seconds) / used;
  } finally {
    await running.stop();
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
const perCpuSecond: Record<number, number[]> = { 1: [], 2: [] };
for (let round = 0; round < rounds; round++) {
  for (const workers of [1, 2]) perCpuSecond[workers]!.push(await measureWorkers(workers));
}
const [one, two] = [median(perCpuSecond[1]!), median(perCpuSecond[2]!)];
console.log(
  `Requests per CPU-second: ${Math.round(one)} with one worker, ${Math.round(two)} with two: ${(two / one).toFixed(2)}`,
);
if (values.front) {
  console.log(`\nThrough ${values.front}`);
  for (const connections of [1, 16, 64]) {
    const small = script(scoringApp("ridge"), twoRows);
    console.log(connections, await load(new URL(values.front).origin, small, connections, seconds));
  }
}
