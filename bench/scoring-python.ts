/**
 * `npm run bench:python -- [--seconds 3] [--rounds 3] [--script trivial]`: the scoring app with a Python entry script beside
 * Azure ML's server with the same script, and MLServer with the same model; all processes of each on one core, wrk on the other.
 * They are asked in turns; figures are medians, ratios those of turns beside each other. Needs what bench:scoring needs.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pythonWith } from "../test/scoring-app/python.ts";
import setup from "../test/scoring-app/setup.ts";
import { azureServer, mlserver as mlserverWith, scoringAppWith } from "./scoring/contenders.ts";
import { type Contender, load, type Running, scratchFolder } from "./scoring/measure.ts";
import {
  COLUMNS,
  compare,
  type Least,
  rowsOf,
  scriptFor,
  times,
  WARM_UP_SECONDS,
  withServers,
} from "./scoring/rounds.ts";

interface Case {
  /** Without .py. */
  script: string;
  /** Beside the server's. */
  packages: string[];
  /** A body of some rows. */
  bodyOf(rows: number[][]): string;
  /** Whether MLServer has such a model. */
  mlserver?: boolean;
}

const NEWEST = ["pandas==3.1.1", "scikit-learn==1.9.1"];
const table = (rows: number[][]) => JSON.stringify({ data: rows });
const records = (rows: number[][]) =>
  JSON.stringify({ data: rows.map((row) => Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]]))) });

const CASES: Record<string, Case> = {
  trivial: { script: "trivial", packages: NEWEST, bodyOf: table },
  // Of the series that Azure ML's environment sklearn-1.5 has: its predict() takes less than half of 1.9's.
  "score-1.5": { script: "score", packages: ["pandas==2.3.3", "scikit-learn==1.5.2"], bodyOf: table },
  score: { script: "score", packages: NEWEST, bodyOf: table, mlserver: true },
  pandas_decorated: { script: "pandas_decorated", packages: NEWEST, bodyOf: records },
};

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    script: { type: "string", multiple: true, default: Object.keys(CASES) },
  },
});
const unknown = values.script.find((name) => !Object.hasOwn(CASES, name));
if (unknown !== undefined) throw new Error(`--script ${unknown}: expected ${Object.keys(CASES).join(", ")}`);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

setup();
const scratch = scratchFolder();
const folder = fileURLToPath(new URL("scoring", import.meta.url));

/** The script alone: what any server has to start and to keep in memory. */
function alone(script: string, python: string): Least {
  const code =
    `import ${script}\n${script}.init()\n` +
    "print(sum(int(line.split()[1]) for line in open('/proc/self/smaps_rollup') if line.startswith('Rss:')))";
  const began = performance.now();
  const options = {
    cwd: folder,
    env: { ...process.env, BENCH_MODEL: "ridge", PYTHONDONTWRITEBYTECODE: "1" },
    encoding: "utf8",
  } as const;
  const kilobytes = Number(execFileSync("taskset", ["-c", "0", python, "-c", code], options));
  return { readyMs: performance.now() - began, megabytes: kilobytes / 1024 };
}

/** How many times the requests the app answers with two cores instead of one, by connections; wrk has both. */
async function overlap(app: Contender, connections: readonly number[]): Promise<number[]> {
  const file = scriptFor(app, scratch);
  const on = ["0", "0,1"].map((cores) => ({ ...app, cores }));
  return withServers(on, async (running) => {
    const rate = async ({ port }: Running, count: number, duration: number) =>
      (await load(`http://127.0.0.1:${port}`, file, count, duration, "0,1")).perSecond;
    for (const server of running) await rate(server, connections[0]!, WARM_UP_SECONDS);
    const found: number[] = [];
    for (const count of connections) {
      const rates = running.map(() => [] as number[]);
      for (let round = 0; round < 2 * rounds; round++) {
        for (const [i, server] of running.entries()) rates[i]!.push(await rate(server, count, seconds));
      }
      found.push(times(rates[1]!, rates[0]!));
    }
    return found;
  });
}

for (const name of values.script) {
  const { script, packages, bodyOf, mlserver } = CASES[name]!;
  const python = pythonWith(["azureml-inference-server-http==1.5.1", ...packages]);
  const app = { ...scoringAppWith(`${script}.py`, python), bodyOf };
  const list: Contender[] = [app, { ...azureServer(`${script}.py`, python, "ridge"), bodyOf }];
  if (mlserver) {
    list.push(mlserverWith(pythonWith(["mlserver==1.7.1", "mlserver-sklearn==1.7.1"]), "ridge", scratch));
  }
  const results = await compare(list, scratch, rounds, seconds, () => alone(script, python));
  console.log(
    `\n${name}: medians of ${rounds} rounds of ${seconds} s; ready and MB: more than the script alone`,
  );
  console.table(rowsOf(results, 16));
  const [at16, at64] = await overlap(app, [16, 64]);
  console.log(
    `two cores instead of one: ${at16!.toFixed(2)} times the requests per second at 16 connections, ${at64!.toFixed(2)} at 64`,
  );
}
