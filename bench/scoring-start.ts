/**
 * `npm run bench:start -- [--encoders 24] [--rounds 3]`: how long the app takes to be ready with models of so many one-hot encoders that
 * refuse unknown categories, without a model.json: it has to find a sample that they score. Medians of the rounds.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encoders } from "../test/scoring-app/encoders.ts";
import { onnxModel } from "../test/scoring-app/onnx-model.ts";
import { startProcess } from "../test/scoring-app/process.ts";
import setup from "../test/scoring-app/setup.ts";
import { median, scratchFolder } from "./scoring/measure.ts";

const { values } = parseArgs({
  options: {
    encoders: { type: "string", multiple: true, default: ["1", "24", "100", "200"] },
    rounds: { type: "string", default: "3" },
  },
});

setup();
const folder = scratchFolder();

console.log("| encoders | ready, an input a column | ready, one input |");
console.log("| -------- | ------------------------ | ---------------- |");
for (const count of values.encoders.map(Number)) {
  const cells: string[] = [];
  for (const oneInput of [false, true]) {
    writeFileSync(join(folder, "model.onnx"), onnxModel(encoders(count, oneInput)));
    const times: number[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const start = performance.now();
      const app = await startProcess({ AZUREML_MODEL_DIR: folder });
      times.push(performance.now() - start);
      await app.end();
    }
    cells.push(`${(median(times) / 1000).toFixed(2)} s`);
  }
  console.log(`| ${count} | ${cells.join(" | ")} |`);
}
