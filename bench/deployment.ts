/**
 * How long a person waits: `npm run bench:deployment`, with the tool chain in place. Prints a table; leaves nothing.
 */
import { readFile, writeFile } from "node:fs/promises";
import { Clone } from "../test/e2e/clone.ts";

const clone = await Clone.create();
const rows: { step: string; seconds: string }[] = [];

async function time(step: string, ...argv: string[]): Promise<void> {
  const since = performance.now();
  await clone.succeed(...argv);
  rows.push({ step, seconds: ((performance.now() - since) / 1000).toFixed(1) });
}

try {
  await time("npm run local, the first time in a clone");
  await time("again, nothing changed");
  await time("preview", "preview");
  const file = clone.file("scoring-app/src/routes/health.ts");
  await writeFile(file, (await readFile(file, "utf8")).replace('"Healthy"', '"Healthy!"'));
  await time("a line of the scoring app edited (aim: 20 s)");
  await time("destroy", "destroy");
  await time("stop", "stop");
} finally {
  await clone.dispose();
}
console.table(rows);
