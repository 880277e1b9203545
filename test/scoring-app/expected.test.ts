import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { integer } from "../../scoring-app/src/exact-json.ts";
import { golden, type Json, loadModel, startApp } from "./app.ts";

interface Answers {
  columns: string[];
  data: unknown[][];
  predictions: unknown[];
  probabilities: number[][];
}

const answersOf = async (name: string): Promise<Answers> =>
  JSON.parse(await readFile(`${golden(name)}/answers.json`, "utf8"));

/** A golden model with a model.json of its own, which says what is expected of the first rows. */
async function load(name: string, description: object, inputs?: object[]) {
  const folder = await mkdtemp(join(tmpdir(), "expected-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await copyFile(`${golden(name)}/model.onnx`, join(folder, "model.onnx"));
  const { data } = await answersOf(name);
  const whole = { inputs: inputs ?? [{ name: "features", sample: data.slice(0, 3) }], ...description };
  await writeFile(join(folder, "model.json"), JSON.stringify(whole));
  return loadModel(folder);
}

const REMEDY =
  "convert the model in another way (other options, another version of the converter), or correct";

it("a histogram gradient boosting model whose categories were converted as numbers does not load", async () => {
  await expect(loadModel(golden("histogram-categories"))).rejects.toThrow(
    /^model "cities" computes otherwise than "expected" in model.json: \d+ of 12 sample rows differ, most of all row \d+, output "label": expected "\w+", computed "\w+" \(they must be equal\); convert/,
  );
});

describe("the trainer's own predictions", async () => {
  const { predictions } = await answersOf("ridge");
  const expected = (predictions as number[]).slice(0, 3);
  const wrong = expected.with(1, expected[1]! + 2);

  it("of several rows, or of one, that the model computes: it loads", async () => {
    expect((await load("ridge", { expected })).checkedRows).toBe(3);
    const { data } = await answersOf("ridge");
    const one = await load("ridge", { expected: expected.slice(0, 1) }, [
      { name: "features", sample: data[0] },
    ]);
    expect(one.sample).toEqual(data[0]);
    expect((await load("ridge", {})).checkedRows).toBe(0);
  });

  it("that the model does not compute: it says where, by how much, and what to do", async () => {
    const value = Number(wrong[1]);
    await expect(load("ridge", { expected: wrong })).rejects.toThrow(
      new RegExp(
        `^model "model" computes otherwise than "expected" in model.json: 1 of 3 sample rows differ, most of all row 1, ` +
          `output "variable": expected ${value}, computed [\\d.]+ \\(off by 2, tolerance ${Number((value * 1e-4).toPrecision(3))}\\); ` +
          `${REMEDY.replaceAll(/[()]/g, "\\$&")} "expected" or "tolerance"$`,
      ),
    );
    const both = wrong.with(2, expected[2]! - 5);
    await expect(load("ridge", { expected: both })).rejects.toThrow(/2 of 3 .* row 2, .*off by 5/);
    const first = wrong.with(0, expected[0]! + 7);
    await expect(load("ridge", { expected: first })).rejects.toThrow(/2 of 3 .* row 0, .*off by 7/);
  });

  it("tolerance is a number's largest distance, whatever its size", async () => {
    await load("ridge", { expected: wrong, tolerance: 2.001 });
    await expect(load("ridge", { expected: wrong, tolerance: 1.999 })).rejects.toThrow(/tolerance 2\)/);
    await expect(load("ridge", { expected, tolerance: 0 })).rejects.toThrow(/must be equal/);
    const near = expected.map((value) => value * (1 + 0.9e-4));
    await load("ridge", { expected: near });
    await expect(load("ridge", { expected: near.map((value) => value * 1.0001) })).rejects.toThrow(/3 of 3/);
  });

  it("of small numbers: the default tolerance is 1e-4", async () => {
    const { probabilities, predictions } = await answersOf("binary");
    const proba = probabilities.slice(0, 3);
    const off = (by: number) => proba.map(([no, yes]) => [no, yes! + by]);
    const labels = { expected: predictions.slice(0, 3) };
    await load("binary", { ...labels, expected_proba: off(0.9e-4) });
    await expect(load("binary", { ...labels, expected_proba: off(1.1e-4) })).rejects.toThrow(
      /"expected_proba" in model.json: 3 of 3 sample rows.*output "probabilities"\[1\]: .*tolerance 0.0001/,
    );
  });

  it("labels are equal, whatever the tolerance", async () => {
    const { predictions: labels } = await answersOf("binary");
    const other = labels.slice(0, 3).with(0, 1 - Number(labels[0]));
    await expect(load("binary", { expected: other, tolerance: 5 })).rejects.toThrow(
      /1 of 3 .*row 0, output "label": expected 1, computed 0 \(they must be equal\).*correct "expected"$/,
    );
  });

  it("of several outputs a row, and of one in an array of its own, as scikit-learn has it", async () => {
    const { predictions: rows } = await answersOf("multi-output");
    const expected3 = rows.slice(0, 3) as number[][];
    await load("multi-output", { expected: expected3 });
    const last = expected3.with(2, expected3[2]!.with(1, -1));
    await expect(load("multi-output", { expected: last })).rejects.toThrow(
      /row 2, output "variable"\[1\]: expected -1/,
    );
    await expect(load("multi-output", { expected: expected3.map((row) => row.slice(1)) })).rejects.toThrow(
      /expected an array of 2, computed an array of 3 \(they must be equal\)/,
    );
    await load("ridge", { expected: expected.map((value) => [value]) });
    const { predictions: pairs } = await answersOf("two-outputs");
    const [mean, deviation] = pairs[0] as [number, number];
    const one = (pair: number[]) => ({ expected: [pair, ...pairs.slice(1, 3)] });
    await load("two-outputs", one([mean, deviation]));
    await expect(load("two-outputs", one([mean, 99]))).rejects.toThrow(/output "GPcovstd": expected 99/);
    await expect(load("two-outputs", one([9999, deviation]))).rejects.toThrow(
      /output "GPmean": expected 9999/,
    );
  });

  it("true and false are what converters make of them, 1 and 0", async () => {
    const { predictions: labels } = await answersOf("binary");
    const booleans = labels.slice(0, 3).map((label) => label === 1);
    await load("binary", { expected: booleans });
    await expect(load("binary", { expected: booleans.map((label) => !label) })).rejects.toThrow(/3 of 3/);
    await expect(load("ridge", { expected: [true, true, true] })).rejects.toThrow(/3 of 3/);
  });

  it("null is NaN, and nothing else", async () => {
    const rows = [new Array(10).fill(null), new Array(10).fill(0)];
    const inputs = [{ name: "features", sample: rows }];
    const [, blank] = await (await load("ridge", {}, inputs)).predict(rows);
    await load("ridge", { expected: [null, blank] }, inputs);
    await expect(load("ridge", { expected: [0, blank] }, inputs)).rejects.toThrow(
      /row 0, output "variable": expected 0, computed null/,
    );
    await expect(load("ridge", { expected: [null, null] }, inputs)).rejects.toThrow(
      /row 1, output "variable": expected null, computed \d/,
    );
  });

  it("is written by Python as NaN, and so are infinities", async () => {
    const folder = await mkdtemp(join(tmpdir(), "expected-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await copyFile(`${golden("ridge")}/model.onnx`, join(folder, "model.onnx"));
    const row = (cell: string) => `[${new Array(10).fill(cell).join(", ")}]`;
    const inputs = `[{"name": "features", "sample": [${row("NaN")}, ${row("-Infinity")}]}]`;
    await writeFile(join(folder, "model.json"), `{"inputs": ${inputs}, "expected": [NaN, -Infinity]}`);
    expect((await loadModel(folder)).checkedRows).toBe(2);
  });

  it("large numbers, which Python may write without a point, are compared within their tolerance", async () => {
    const large = new Array(10).fill(1e15);
    const inputs = [{ name: "features", sample: [large] }];
    const [value] = (await (await load("ridge", {}, inputs)).predict([large])) as number[];
    const digits = (number: number) => integer(BigInt(Math.round(number)));
    expect(JSON.stringify(digits(value!))).toMatch(/^\d{17,20}$/);
    await load("ridge", { expected: [digits(value! * 1.00005)] }, inputs);
    await expect(load("ridge", { expected: [digits(value! * 1.0002)] }, inputs)).rejects.toThrow(/off by/);
  });

  it("probabilities alone are compared, too", async () => {
    const { probabilities } = await answersOf("binary");
    expect((await load("binary", { expected_proba: probabilities.slice(0, 3) })).checkedRows).toBe(3);
  });

  it("one input a column: a sample each", async () => {
    const { columns, data, predictions } = await answersOf("columns");
    const inputs = columns.map((name, column) => ({
      name,
      sample: data.slice(0, 3).map((row) => [row[column]]),
    }));
    await load("columns", { expected: predictions.slice(0, 3) }, inputs);
    await expect(load("columns", { expected: [1] }, inputs.slice(1))).rejects.toThrow(
      'model.json: "expected" needs a "sample" of input "age"',
    );
    const uneven = inputs.with(3, { name: "member", sample: [["yes"]] });
    await expect(load("columns", { expected: [1] }, uneven)).rejects.toThrow(
      'model.json: "sample" has 3 rows of input "age", but 1 of "member"',
    );
  });

  it.each([
    [{ expected: 1 }, /model.json: expected is not a list of predictions, one a row of sample/],
    [{ expected: [1] }, /"expected" has 1 predictions for the 3 rows of "sample"/],
    [{ expected, tolerance: "1" }, /tolerance is not a number of 0 or more/],
    [{ expected, tolerance: -1 }, /tolerance is not a number of 0 or more/],
    [{ expected_proba: expected }, /"sample" cannot be compared with "expected_proba": .*not a classifier/],
  ])("%j: does not load", async (description, message) => {
    await expect(load("ridge", description)).rejects.toThrow(message);
  });

  it("a later row of the sample that does not fit is told", async () => {
    const sample = [new Array(10).fill(0), new Array(9).fill(0)];
    await expect(load("ridge", {}, [{ name: "features", sample }])).rejects.toThrow(
      'model.json: input "features" has 9 sample values for 10 columns',
    );
    await expect(load("ridge", {}, [{ name: "features", sample: [] }])).rejects.toThrow(
      'model.json: input "features" has 0 sample values for 10 columns',
    );
    const text = [new Array(10).fill(0), new Array(10).fill("x")];
    await expect(load("ridge", { expected: [1, 2] }, [{ name: "features", sample: text }])).rejects.toThrow(
      /"sample" cannot be compared with "expected": row 1, column 0.*given "x"/,
    );
  });
});

it("train.py's own model.json has rows and expectations, and its first row is what the app shows", async () => {
  const folder = fileURLToPath(new URL("../../scoring-app/model", import.meta.url));
  const { inputs, expected } = JSON.parse(await readFile(join(folder, "model.json"), "utf8"));
  expect(expected).toHaveLength(5);
  const app = await startApp();
  onTestFinished(() => app.stop());
  expect(app.assembled.service.sample).toEqual({ data: [inputs[0].sample[0]] });
  const answer = (await (await app.post({ data: inputs[0].sample })).json()) as Json;
  expect(answer).toEqual(expected.map((value: number) => expect.closeTo(value, 2)));
  expect(await (await app.get("/docs")).text()).toContain('"checkedRows":5');
});
