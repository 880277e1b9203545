/**
 * `npm run bench:python -- [--seconds 3] [--rounds 3] [--script trivial]`: the scoring app with a Python entry script beside
 * Azure ML's server with the same script, and MLServer with the same model; all processes of each on one core, wrk on the other.
 * Every round starts every server anew; figures are medians of the rounds. Needs what bench:scoring needs.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pythonWith } from "../test/scoring-app/python.ts";
import setup from "../test/scoring-app/setup.ts";
import { azureServer, mlserver, scoringAppWith } from "./scoring/contenders.ts";
import { type Contender, load, median, scratchFolder, start } from "./scoring/measure.ts";
import {
  BODIES,
  COLUMNS,
  type Figures,
  measure,
  rowsOf,
  scriptFor,
  WARM_UP_SECONDS,
} from "./scoring/rounds.ts";

/** Bodies of two rows, by script. */
const SCRIPTS: Record<string, (rows: number[][]) => string> = {
  trivial: (rows) => JSON.stringify({ data: rows }),
  score: (rows) => JSON.stringify({ data: rows }),
  pandas_decorated: (rows) =>
    JSON.stringify({ data: rows.map((row) => Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]]))) }),
};

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
const scratch = scratchFolder();
const azure = pythonWith(["azureml-inference-server-http==1.5.1", "pandas==3.1.1", "scikit-learn==1.9.1"]);
const folder = fileURLToPath(new URL("scoring", import.meta.url));

const ours = (script: string): Contender => ({
  ...scoringAppWith(`${script}.py`, azure),
  bodyOf: SCRIPTS[script]!,
});
const theirs = (script: string): Contender => ({
  ...azureServer(`${script}.py`, azure, "ridge"),
  bodyOf: SCRIPTS[script]!,
});

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
  const file = scriptFor(contender, scratch);
  const rates: Record<string, number[]> = { "0": [], "0,1": [] };
  for (let round = 0; round < rounds; round++) {
    for (const cores of Object.keys(rates)) {
      const running = await start({ ...contender, cores }, BODIES[0]!);
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
    for (const contender of list)
      results.get(contender.name)!.push(await measure(contender, scratch, seconds));
  }
  const least = {
    readyMs: median(bare.map(({ readyMs }) => readyMs)),
    megabytes: median(bare.map(({ megabytes }) => megabytes)),
  };
  console.log(
    `\n${script}.py: medians of ${rounds} rounds of ${seconds} s; the script alone: ready in ${Math.round(least.readyMs)} ms, ${Math.round(least.megabytes)} MB`,
  );
  console.table(rowsOf(results, 16, least));
  console.log(
    `two cores instead of one: ${(await overlap(script)).toFixed(2)} times the requests per second`,
  );
}
