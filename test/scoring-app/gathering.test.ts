import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { encodeRows } from "../../scoring-app/src/model/cells.ts";
import { loadModel as load } from "../../scoring-app/src/model/load.ts";
import type { Model } from "../../scoring-app/src/model/model.ts";
import { flatRows } from "../../scoring-app/src/model/nesting.ts";
import type { Gather } from "../../scoring-app/src/model/signature.ts";
import { flatValues } from "../../scoring-app/src/model/values.ts";
import { openOnnx } from "../../scoring-app/src/runtime/onnx/session.ts";
import { RefusedValues, type Session } from "../../scoring-app/src/runtime/runtime.ts";
import { golden, startApp } from "./app.ts";
import { APART, MIXING } from "./mixing-models.ts";
import { modelFolder } from "./model-folder.ts";

/** A folder's model, with the number of requests of each run. */
async function loaded(folder: string, gather?: Gather): Promise<{ model: Model; runs: number[] }> {
  const runs: number[] = [];
  const model = await load(folder, openOnnx, { gather, onRun: (_, requests) => runs.push(requests) });
  return { model, runs };
}

/** What a request gets of all outputs. */
async function answers(model: Model, rows: unknown[][]): Promise<unknown[][]> {
  const { inputs, width, outputs } = model.signature;
  const outcome = await model.run(encodeRows(inputs, width, flatRows(inputs, rows)));
  return outputs.map((_, output) => flatValues(outcome, output));
}

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

/**
 * A golden model whose answers are compared as parts of 1: probabilities of logits in steps of 2e-6, and 1 less these. Float32 has no
 * finer ones, however small they are.
 */
const PARTS_OF_ONE = "binary";

/** Largest difference of numbers, relative to those that are above `unit`; other values must be the same. */
function distance(actual: unknown, expected: unknown, unit: number): number {
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length === expected.length) {
    return Math.max(0, ...actual.map((value, index) => distance(value, expected[index], unit)));
  }
  if (Object.is(actual, expected)) return 0;
  if (typeof actual === "number" && typeof expected === "number") {
    return Math.abs(actual - expected) / Math.max(unit, Math.abs(expected));
  }
  return Number.POSITIVE_INFINITY;
}

/** Each of some requests at once gets what it gets alone. */
async function expectOwnAnswers(folder: string, model: Model, unit = 0): Promise<void> {
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
      expect(distance(together, alone, unit)).toBeLessThanOrEqual(double ? 1e-12 : 1e-6);
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
    await expectOwnAnswers(golden(name), model, name === PARTS_OF_ONE ? 1 : 0);
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

describe("the trial with random rows", () => {
  /** Subtracts the mean of a run, which nothing tells beforehand. */
  const session: Session = {
    file: "model.means",
    platform: "means",
    inputs: [{ name: "x", type: "float32", shape: ["N", 1] }],
    outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
    mixes: [undefined],
    knownValues: [],
    async run([x]) {
      const data = x!.data as Float32Array;
      const mean = data.reduce((sum, cell) => sum + cell, 0) / data.length;
      return [{ type: "float32", dims: x!.dims, data: data.map((cell) => cell - mean) }];
    },
  };

  it("finds what the sample, zeros, hides", async () => {
    const model = await load("/nowhere", async () => session);
    expect(model.sample).toEqual([0]);
    expect(model.signature.alone).toBe('output "y": rows together get other answers than each alone');
    expect(await Promise.all([1, 2].map((cell) => model.predict([[cell]])))).toEqual([[0], [0]]);
  });

  it("finds rows that are scored alone, but not together", async () => {
    const picky: Session = {
      ...session,
      async run([x]) {
        const data = x!.data as Float32Array;
        if (new Set(data).size > 1) throw new Error("rows differ");
        return [x!];
      },
    };
    const model = await load("/nowhere", async () => picky);
    expect(model.signature.alone).toMatch(/not scored together: .*rows differ/);
  });

  it("is no obstacle where the model refuses every row but its sample, or where all answers are NaN", async () => {
    const strict: Session = {
      ...session,
      async run([x]) {
        if ((x!.data as Float32Array).some((cell) => cell !== 0)) throw new RefusedValues("no");
        return [x!];
      },
    };
    expect((await load("/nowhere", async () => strict)).signature.alone).toBeUndefined();
    const nothing: Session = {
      ...session,
      run: async ([x]) => [{ ...x!, data: (x!.data as Float32Array).map(() => Number.NaN) }],
    };
    expect((await load("/nowhere", async () => nothing)).signature.alone).toBeUndefined();
  });

  it("stays within a byte", async () => {
    const bytes: Session = {
      ...session,
      inputs: [{ name: "x", type: "uint8", shape: ["N", 4] }],
      async run([x]) {
        return [{ type: "float32", dims: [x!.dims[0]!], data: new Float32Array(x!.dims[0]!) }];
      },
    };
    const tried: number[] = [];
    const watched = {
      ...bytes,
      run: (inputs: Parameters<Session["run"]>[0]) => {
        tried.push(...(inputs[0]!.data as Uint8Array));
        return bytes.run(inputs);
      },
    };
    const folder = await mkdtemp(join(tmpdir(), "bytes-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const sample = [0, 1, 254, 255];
    await writeFile(join(folder, "model.json"), JSON.stringify({ inputs: [{ name: "x", sample }] }));
    expect((await load(folder, async () => watched)).signature.alone).toBeUndefined();
    expect(new Set(tried).size).toBeGreaterThan(4);
  });

  it("stays within the ranges of model.json", async () => {
    const tried: number[] = [];
    const watched: Session = {
      ...session,
      async run([x]) {
        tried.push(...(x!.data as Float32Array));
        return [x!];
      },
    };
    const folder = await mkdtemp(join(tmpdir(), "ranges-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const inputs = [{ name: "x", sample: [100], range: [[100, 101]] }];
    await writeFile(join(folder, "model.json"), JSON.stringify({ inputs }));
    await load(folder, async () => watched);
    expect(new Set(tried).size).toBeGreaterThan(4);
    expect(Math.min(...tried)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...tried)).toBeLessThanOrEqual(101);
  });

  it("leaves out what the type does not have", async () => {
    const folder = await mkdtemp(join(tmpdir(), "largest-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const largest: Session = {
      ...session,
      inputs: [{ name: "x", type: "int32", shape: ["N", 1] }],
      run: async ([x]) => [{ type: "float32", dims: x!.dims, data: new Float32Array(x!.dims[0]!) }],
    };
    const sample = [2 ** 31 - 1];
    await writeFile(join(folder, "model.json"), JSON.stringify({ inputs: [{ name: "x", sample }] }));
    expect((await load(folder, async () => largest)).signature.alone).toBeUndefined();
  });

  it("believes the session that says that rows influence each other", async () => {
    const known: Session = { ...session, run: async ([x]) => [x!], mixes: ["for a reason"] };
    expect((await load("/nowhere", async () => known)).signature.alone).toBe("for a reason");
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
    expect(distance(first, expected, 0)).toBeLessThan(1e-6);
    await app.stop();
  });
});
