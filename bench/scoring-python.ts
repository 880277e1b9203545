/**
 * `npm run bench:python -- [--seconds 3] [--rounds 3] [--script trivial]`: the scoring app with a Python entry script beside
 * Azure ML's server with the same script, and MLServer with the same model; all processes of each on one core, wrk on the other.
 * Every round starts every server anew; figures are medians of the rounds. Needs what bench:scoring needs.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pythonWith } from "../test/scoring-app/python.ts";
import setup from "../test/scoring-app/setup.ts";
import { azureServer, mlserver, scoringAppWith } from "./scoring/contenders.ts";
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

const COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
/** Bodies of two rows, by script. */
const SCRIPTS: Record<string, (rows: number[][]) => string> = {
  trivial: (rows) => JSON.stringify({ data: rows }),
  score: (rows) => JSON.stringify({ data: rows }),
  pandas_decorated: (rows) =>
    JSON.stringify({ data: rows.map((row) => Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]]))) }),
};
const CONNECTIONS = [1, 16, 64];
/** At a few thousand requests a second, Node compiles what serves them for some seconds: a server runs for weeks. */
const WARM_UP_SECONDS = 10;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    script: { type: "string", multiple: true, default: Object.keys(SCRIPTS) },
  },
});
const unknown = values.script.find((name) => !Object.hasOwn(SCRIPTS, name));
if (unknown !== undefined)
  throw new Error(`--script ${unknown}: expected ${Object.keys(SCRIPTS).join(", ")}`);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

setup();
const scratch = mkdtempSync(join(tmpdir(), "bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));
const azure = pythonWith(["azureml-inference-server-http==1.5.1", "pandas==3.1.1", "scikit-learn==1.9.1"]);
const folder = fileURLToPath(new URL("scoring", import.meta.url));
const bodies = tables(1000, 2);

const ours = (script: string): Contender => ({
  ...scoringAppWith(`${script}.py`, azure),
  bodyOf: SCRIPTS[script]!,
});
const theirs = (script: string): Contender => ({
  ...azureServer(`${script}.py`, azure, "ridge"),
  bodyOf: SCRIPTS[script]!,
});

interface Figures {
  readyMs: number;
  megabytes: number;
  at: Record<number, Load>;
  perCpuSecond: number;
}

async function measure(contender: Contender): Promise<Figures> {
  const file = join(scratch, "bodies.lua");
  writeScript(
    file,
    pathOf(contender),
    bodies.map((rows) => contender.bodyOf!(rows)),
  );
  const running = await start(contender, bodies[0]!);
  const origin = `http://127.0.0.1:${running.port}`;
  const used = () => {
    const { user, kernel } = cpuSeconds(running);
    return user + kernel;
  };
  try {
    await load(origin, file, 16, WARM_UP_SECONDS);
    const at: Record<number, Load> = {};
    let perCpuSecond = 0;
    for (const connections of CONNECTIONS) {
      const before = used();
      at[connections] = await load(origin, file, connections, seconds);
      if (connections === 16) perCpuSecond = (at[16]!.perSecond * seconds) / (used() - before);
    }
    return { readyMs: running.readyMs, megabytes: proportionalMemory(running), at, perCpuSecond };
  } finally {
    await running.stop();
  }
}

/** The script alone: what any server has to start and to keep in memory. */
function alone(script: string): { readyMs: number; megabytes: number } {
  const code =
    `import ${script}\n${script}.init()\n` +
    "print(sum(int(line.split()[1]) for line in open('/proc/self/smaps_rollup') if line.startswith('Pss:')))";
  const began = performance.now();
  const options = {
    cwd: folder,
    env: { ...process.env, BENCH_MODEL: "ridge", PYTHONDONTWRITEBYTECODE: "1" },
    encoding: "utf8",
  } as const;
  const kilobytes = Number(execFileSync("taskset", ["-c", "0", azure, "-c", code], options));
  return { readyMs: performance.now() - began, megabytes: kilobytes / 1024 };
}

/** Requests per second of the app on one core and on two; wrk has both. */
async function overlap(script: string): Promise<number> {
  const contender = ours(script);
  const file = join(scratch, "overlap.lua");
  writeScript(
    file,
    "/score",
    bodies.map((rows) => contender.bodyOf!(rows)),
  );
  const rates: Record<string, number[]> = { "0": [], "0,1": [] };
  for (let round = 0; round < rounds; round++) {
    for (const cores of Object.keys(rates)) {
      const running = await start({ ...contender, cores }, bodies[0]!);
      try {
        const origin = `http://127.0.0.1:${running.port}`;
        await load(origin, file, 16, WARM_UP_SECONDS, "0,1");
        rates[cores]!.push((await load(origin, file, 16, seconds, "0,1")).perSecond);
      } finally {
        await running.stop();
      }
    }
  }
  return median(rates["0,1"]!) / median(rates["0"]!);
}

for (const script of values.script) {
  const list = [ours(script), theirs(script)];
  if (script === "score") {
    list.push(mlserver(pythonWith(["mlserver==1.7.1", "mlserver-sklearn==1.7.1"]), "ridge", scratch));
  }
  const results = new Map(list.map(({ name }) => [name, [] as Figures[]]));
  const bare: ReturnType<typeof alone>[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(alone(script));
    for (const contender of list) results.get(contender.name)!.push(await measure(contender));
  }
  const of = (name: string, pick: (figures: Figures) => number) => median(results.get(name)!.map(pick));
  const [app] = list;
  const times = (name: string, pick: (figures: Figures) => number) =>
    Number((of(app!.name, pick) / of(name, pick)).toFixed(1));
  const least = {
    readyMs: median(bare.map(({ readyMs }) => readyMs)),
    megabytes: median(bare.map(({ megabytes }) => megabytes)),
  };
  console.log(
    `\n${script}.py: medians of ${rounds} rounds of ${seconds} s; the script alone: ready in ${Math.round(least.readyMs)} ms, ${Math.round(least.megabytes)} MB`,
  );
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
      "req/CPU-s c16": Math.round(of(name, (f) => f.perCpuSecond)),
      "app's times": times(name, (f) => f.perCpuSecond),
      "p99 c16 ms": Number(of(name, (f) => f.at[16]!.p99).toFixed(1)),
      "ready ms more": Math.round(of(name, (f) => f.readyMs) - least.readyMs),
      "MB more": Math.round(of(name, (f) => f.megabytes) - least.megabytes),
      errors: of(name, (f) => f.at[1]!.errors + f.at[16]!.errors + f.at[64]!.errors),
    })),
  );
  console.log(
    `two cores instead of one: ${(await overlap(script)).toFixed(2)} times the requests per second`,
  );
}
