/**
 * `npm run bench:mlflow -- [--seconds 3] [--rounds 3] [--model ridge]`: the scoring app with an MLflow model beside `mlflow models
 * serve` with the same model; all processes of each on one core, wrk on the other. They are asked in turns; figures are medians,
 * ratios those of turns beside each other. Needs what bench:scoring needs.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mlflowPython, modelsFolder } from "../test/scoring-app/python/mlflow-servers.ts";
import setup from "../test/scoring-app/setup.ts";
import { mlflowServer, scoringAppWithMlflow } from "./scoring/contenders.ts";
import { type Contender, scratchFolder } from "./scoring/measure.ts";
import { COLUMNS, compare, rowsOf } from "./scoring/rounds.ts";

/** Models of the tests with ten columns of numbers. */
const MODELS = ["ridge", "xgboost"];

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
const scratch = scratchFolder();
const python = mlflowPython();
const bodyOf = (data: number[][]) => JSON.stringify({ dataframe_split: { columns: COLUMNS, data } });

for (const model of values.model) {
  const folder = join(modelsFolder(), model);
  const list: Contender[] = [
    { ...scoringAppWithMlflow(folder, python), bodyOf },
    { ...mlflowServer(folder, python), bodyOf },
  ];
  const results = await compare(list, scratch, rounds, seconds);
  console.log(`\n${model}: medians of ${rounds} rounds of ${seconds} s; two rows a request`);
  console.table(rowsOf(results, 64));
}
