import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { difference, golden, loadModel } from "./app.ts";
import { pythonWith } from "./python.ts";

const run = promisify(execFile);
const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SCRIPTS = ["scoring-app/train.py", "test/scoring-app/golden_shapes.py"];

/** Names of all files of a folder. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length))
    .sort();

it("an environment of train-requirements.txt alone trains and converts every model", async () => {
  const pins = readFileSync(root("scoring-app/train-requirements.txt"), "utf8").match(/^[^#\n]+$/gm)!;
  const python = pythonWith(pins);
  // What is not pinned would be another one tomorrow.
  const { stdout } = await run(python, ["-m", "pip", "freeze"]);
  expect(stdout.trim().split("\n").sort()).toEqual(pins.toSorted());

  const scratch = mkdtempSync(join(tmpdir(), "train-"));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  mkdirSync(join(scratch, "scoring-app/model"), { recursive: true });
  mkdirSync(join(scratch, "test/scoring-app/golden"), { recursive: true });
  for (const folder of ["scoring-app", "test/scoring-app"]) {
    const scripts = readdirSync(root(folder)).filter((name) => name.endsWith(".py"));
    for (const script of scripts) copyFileSync(join(root(folder), script), join(scratch, folder, script));
  }
  for (const script of SCRIPTS) await run(python, ["-B", "-W", "ignore", join(scratch, script)]);

  const made = join(scratch, "test/scoring-app/golden/");
  expect(filesOf(golden(""))).toEqual(expect.arrayContaining(filesOf(made)));
  for (const name of readdirSync(made)) {
    if (!filesOf(join(made, name)).includes("/answers.json")) continue;
    const { data, predictions } = JSON.parse(readFileSync(join(made, name, "answers.json"), "utf8"));
    const model = await loadModel(join(made, name));
    expect(difference(await model.predict(data), predictions), name).toBeLessThan(1e-4);
  }
  expect((await loadModel(join(scratch, "scoring-app/model"))).checkedRows).toBe(5);
}, 300_000);
