import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadModel as load } from "../../scoring-app/src/model/load.ts";
import type { Model } from "../../scoring-app/src/model/model.ts";
import type { Session } from "../../scoring-app/src/runtime/runtime.ts";
import { golden, startApp } from "./app.ts";
import { answers, loaded } from "./gathering.ts";
import { APART, MIXING } from "./mixing-models.ts";
import { modelFolder } from "./model-folder.ts";

/** Rows that a model scores: those of a golden model, else numbers and texts of all kinds. */
function rowsOf(folder: string, model: Model): fc.Arbitrary<unknown[]> {
  if (existsSync(`${folder}/answers.json`)) {
    return fc.constantFrom(...JSON.parse(readFileSync(`${folder}/answers.json`, "utf8")).data);
  }
  const cells = model.signature.inputs.flatMap(({ type, width }) =>
    new Array(width).fill(
      type === "string"
        ? fc.constantFrom("good", "good bad", "a good good film")
        : fc.integer({ min: -9, max: 9 }),
    ),
  );
  return fc.tuple(...cells);
}

/** Largest relative difference of numbers; other values must be the same. */
function distance(actual: unknown, expected: unknown): number {
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length === expected.length) {
    return Math.max(0, ...actual.map((value, index) => distance(value, expected[index])));
  }
  if (Object.is(actual, expected)) return 0;
  if (typeof actual === "number" && typeof expected === "number") {
    return Math.abs(actual - expected) / Math.abs(expected);
  }
  return Number.POSITIVE_INFINITY;
}

/** Each of some requests at once gets what it gets alone. */
async function expectOwnAnswers(folder: string, model: Model): Promise<void> {
  const double = model.signature.outputs.every(({ type }) => type === "float64");
  const requests = fc.array(fc.array(rowsOf(folder, model), { minLength: 1, maxLength: 3 }), {
    minLength: 2,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(requests, async (all) => {
      const alone = [];
      for (const rows of all) alone.push(await answers(model, rows));
      const together = await Promise.all(all.map((rows) => answers(model, rows)));
      expect(distance(together, alone)).toBeLessThanOrEqual(double ? 1e-12 : 1e-6);
    }),
    { numRuns: 100 },
  );
}

/** One computes otherwise than its trainer, and does not load; the other needs a locale that only the image is sure to have. */
const NOT_LOADED = ["histogram-categories", "text"];
const goldenModels = readdirSync(golden("")).filter((name) => !NOT_LOADED.includes(name));

/** Golden models of which a run takes one row, and what forbids more. */
const ONE_ROW: Record<string, string> = {
  "one-row": "declared so",
  "hidden-one-row": "Reshape",
};

describe("whatever is asked at once, each request gets the answer that it gets alone", () => {
  it.each(goldenModels)("golden model %s", async (name) => {
    const { model } = await loaded(golden(name));
    await expectOwnAnswers(golden(name), model);
  });

  it.each(Object.keys(MIXING))("%s", async (name) => {
    const folder = await modelFolder(MIXING[name]![0]);
    const { model, runs } = await loaded(folder);
    await expectOwnAnswers(folder, model);
    expect(Math.max(...runs)).toBe(1);
  });

  it.each(Object.keys(APART))("%s", async (name) => {
    const folder = await modelFolder(APART[name]!);
    const { model, runs } = await loaded(folder);
    await expectOwnAnswers(folder, model);
    expect(Math.max(...runs)).toBeGreaterThan(1);
  });
});

describe("requests of golden models", () => {
  it.each(goldenModels)("%s: gathered, unless a run takes one row", async (name) => {
    const { model, runs } = await loaded(golden(name));
    expect(model.signature.alone).toBeUndefined();
    await Promise.all([1, 2, 3].map(() => answers(model, [model.sample])));
    expect(runs).toEqual(name in ONE_ROW ? [1, 1, 1] : [3]);
  });
});

it("a start runs the model no more often than it has to", async () => {
  const rows: number[] = [];
  const open = (batch: string | number) => async (): Promise<Session> => ({
    file: "model.rows",
    platform: "rows",
    inputs: [{ name: "x", type: "float32", shape: [batch, 1] }],
    outputs: [{ name: "y", type: "float32", shape: [batch, 1] }],
    mixes: ["for a reason"],
    knownValues: [],
    async run([x]) {
      rows.push(x!.dims[0]!);
      return [x!];
    },
  });
  await load("/nowhere", open("N"));
  expect(rows.splice(0)).toEqual([1, 2, 3]);
  await load("/nowhere", open(1));
  expect(rows).toEqual([1]);
});

it("a full run does not wait for more requests", async () => {
  let turns = 0;
  let begun: number | undefined;
  const session: Session = {
    file: "model.turns",
    platform: "turns",
    inputs: [{ name: "x", type: "float32", shape: ["N", 1] }],
    outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
    mixes: [undefined],
    knownValues: [],
    async run([x]) {
      begun ??= turns;
      return [x!];
    },
  };
  const model = await load("/nowhere", async () => session);
  begun = undefined;
  const answers = [model.predict(new Array(4096).fill([0])), model.predict([[1]])];
  for (; begun === undefined; turns++) {
    answers.push(model.predict([[turns]]));
    await new Promise(setImmediate);
  }
  await Promise.all(answers);
  expect(begun).toBeLessThan(3);
});

describe("GATHER", () => {
  const softmax = MIXING["Softmax over axis 0"]![0];
  const ask = (model: Model) => Promise.all([1, 2].map((cell) => answers(model, [[cell, 0, 0]])));

  it("auto: says which operator lets rows influence each other", async () => {
    const { model } = await loaded(await modelFolder(softmax), "auto");
    expect(model.signature.alone).toBe('Softmax "n0": it works along the rows');
  });

  it("always: what the owner of the model answers for", async () => {
    const { model, runs } = await loaded(await modelFolder(softmax), "always");
    await ask(model);
    expect(runs).toEqual([2]);
  });

  it("never", async () => {
    const { model, runs } = await loaded(golden("ridge"), "never");
    await Promise.all([answers(model, [model.sample]), answers(model, [model.sample])]);
    expect(runs).toEqual([1, 1]);
    expect(model.signature.alone).toBe("GATHER=never");
  });

  it.each([
    ["always", [2 / 3, 1 / 3]],
    ["auto", [1, 1]],
  ])("=%s in the environment", async (GATHER, expected) => {
    const app = await startApp({ AZUREML_MODEL_DIR: await modelFolder(softmax), GATHER });
    const model = app.assembled.service.served!;
    const at = [Math.log(2), 0].map((cell) => model.predict([[cell, 0, 0]]));
    const first = (await Promise.all(at)).map(([row]) => (row as number[])[0]);
    expect(distance(first, expected)).toBeLessThan(1e-6);
    await app.stop();
  });
});
