/**
 * `npm run bench:mlflow -- [--seconds 3] [--rounds 3] [--model ridge]`: the scoring app with an MLflow model beside `mlflow models
 * serve` with the same model; all processes of each on one core, wrk on the other. Every round starts both anew; figures are
 * medians of the rounds, ratios are of one run. Needs what bench:scoring needs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mlflowPython, modelsFolder } from "../test/scoring-app/python/mlflow-servers.ts";
import setup from "../test/scoring-app/setup.ts";
import { mlflowServer, scoringAppWithMlflow } from "./scoring/contenders.ts";
import {
  type Contender,
  cpuSeconds,
  type Load,
  load,
  median,
  pathOf,
  proportionalMemory,
  start,
  tables,
  writeScript,
} from "./scoring/measure.ts";

const DIABETES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
/** Models of the tests with ten columns of numbers. */
const MODELS = ["ridge", "xgboost"];
const CONNECTIONS = [1, 16, 64];

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    model: { type: "string", multiple: true, default: MODELS },
  },
});
const unknown = values.model.find((name) => !MODELS.includes(name));
if (unknown !== undefined) throw new Error(`--model ${unknown}: expected ${MODELS.join(", ")}`);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

setup();
const scratch = mkdtempSync(join(tmpdir(), "bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));
const python = mlflowPython();
const bodies = tables(1000, 2);
const bodyOf = (data: number[][]) => JSON.stringify({ dataframe_split: { columns: DIABETES, data } });

interface Figures {
  readyMs: number;
  megabytes: number;
  at: Record<number, Load>;
  perCpuSecond: number;
}

async function measure(contender: Contender): Promise<Figures> {
  const file = join(scratch, "bodies.lua");
  writeScript(file, pathOf(contender), bodies.map(bodyOf));
  const running = await start(contender, bodies[0]!);
  const origin = `http://127.0.0.1:${running.port}`;
  const used = () => {
    const { user, kernel } = cpuSeconds(running);
    return user + kernel;
  };
  try {
    await load(origin, file, 16, 1);
    const at: Record<number, Load> = {};
    let perCpuSecond = 0;
    for (const connections of CONNECTIONS) {
      const before = used();
      at[connections] = await load(origin, file, connections, seconds);
      if (connections === 64) perCpuSecond = (at[64]!.perSecond * seconds) / (used() - before);
    }
    return { readyMs: running.readyMs, megabytes: proportionalMemory(running), at, perCpuSecond };
  } finally {
    await running.stop();
  }
}

for (const model of values.model) {
  const folder = join(modelsFolder(), model);
  const list: Contender[] = [
    { ...scoringAppWithMlflow(folder, python), bodyOf },
    { ...mlflowServer(folder, python), bodyOf },
  ];
  const results = new Map(list.map(({ name }) => [name, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of list) results.get(contender.name)!.push(await measure(contender));
  }
  const of = (name: string, pick: (figures: Figures) => number) => median(results.get(name)!.map(pick));
  const [app] = list;
  const times = (name: string, pick: (figures: Figures) => number) =>
    Number((of(app!.name, pick) / of(name, pick)).toFixed(1));
  console.log(`\n${model}: medians of ${rounds} rounds of ${seconds} s; two rows a request`);
  console.table(
    list.map(({ name }) => ({
      server: name,
      ...Object.fromEntries(
        CONNECTIONS.flatMap((connections) => {
          const rate = (figures: Figures) => figures.at[connections]!.perSecond;
          return [
            [`req/s c${connections}`, Math.round(of(name, rate))],
            [`app's times c${connections}`, times(name, rate)],
          ];
        }),
      ),
      "req/CPU-s c64": Math.round(of(name, (f) => f.perCpuSecond)),
      "p99 c64 ms": Number(of(name, (f) => f.at[64]!.p99).toFixed(1)),
      "ready ms": Math.round(of(name, (f) => f.readyMs)),
      MB: Math.round(of(name, (f) => f.megabytes)),
      errors: of(name, (f) => f.at[1]!.errors + f.at[16]!.errors + f.at[64]!.errors),
    })),
  );
}
