import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadModel as load } from "../../scoring-app/src/model/load.ts";
import { RefusedValues, type Session } from "../../scoring-app/src/runtime/runtime.ts";

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
