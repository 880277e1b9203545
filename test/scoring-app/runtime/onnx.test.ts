import { execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PbfWriter } from "../../../scoring-app/node_modules/pbf/index.js";
import { readModelFile } from "../../../scoring-app/src/runtime/onnx/graph.ts";
import { golden, loadModel } from "../app.ts";

const file = (name: string) => readFile(`${golden(name)}/model.onnx`);
const graph = async (name: string) => readModelFile(await file(name));

/** Message `write` as a field of another. */
type Write = (into: PbfWriter) => void;
const message = (into: PbfWriter, field: number, write: Write) =>
  into.writeMessage(field, (_, inner) => write(inner), null);

/** The type of a tensor of [N, 1]. */
function rowsOfOneFloat(tensor: PbfWriter): void {
  tensor.writeVarintField(1, 1);
  message(tensor, 2, (shape) => {
    message(shape, 1, (dimension) => dimension.writeStringField(2, "N"));
    message(shape, 1, (dimension) => dimension.writeVarintField(1, 1));
  });
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "onnx-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it("what is no protocol buffer is no ONNX file", () => {
  expect(() => readModelFile(Buffer.from([0x0b]))).toThrow();
  expect(() => readModelFile(Buffer.from([0x80]))).toThrow();
});

describe("the graph of a file", () => {
  it("of a converter: operators, their versions, inputs and outputs, constants' shapes", async () => {
    const { operatorSets, nodes, inputs, outputs } = await graph("gradient-boosting");
    expect(operatorSets.get("ai.onnx.ml")).toBeGreaterThan(0);
    expect(inputs).toEqual(["features"]);
    expect(nodes.map(({ operator, domain }) => [operator, domain])).toContainEqual([
      "TreeEnsembleRegressor",
      "ai.onnx.ml",
    ]);
    const trees = nodes.find(({ operator }) => operator === "TreeEnsembleRegressor")!;
    expect(trees.inputs).toHaveLength(1);
    expect(nodes.flatMap((node) => node.outputs)).toEqual(expect.arrayContaining(outputs));
    expect(trees.attributes.get("n_targets")!.integer).toBe(1);
    expect(trees.attributes.get("nodes_modes")!.texts).toContain("BRANCH_LEQ");
    expect(trees.attributes.get("nodes_treeids")!.integers.at(-1)).toBe(59);
    const { initializers } = await graph("external-data");
    expect(initializers.map(({ shape }) => shape)).toContainEqual([10, 1]);
  });

  it("whatever is in it: negative integers, packed or not, subgraphs, metadata", () => {
    const writer = new PbfWriter();
    message(writer, 7, (model) => {
      message(model, 1, (node) => {
        node.writeStringField(1, "x");
        node.writeStringField(2, "y");
        node.writeStringField(3, "n");
        node.writeStringField(4, "If");
        message(node, 5, (attribute) => {
          attribute.writeStringField(1, "axis");
          attribute.writeVarintField(3, -1);
        });
        message(node, 5, (attribute) => {
          attribute.writeStringField(1, "axes");
          attribute.writeVarintField(8, -2);
          attribute.writePackedVarint(8, [300, -3]);
        });
        message(node, 5, (attribute) => {
          attribute.writeStringField(1, "mode");
          attribute.writeStringField(4, "linear");
        });
        message(node, 5, (attribute) => {
          attribute.writeStringField(1, "then_branch");
          message(attribute, 6, (inner) =>
            message(inner, 1, (other) => other.writeStringField(4, "Softmax")),
          );
        });
        node.writeStringField(7, "a.domain");
      });
      message(model, 5, (tensor) => {
        tensor.writePackedVarint(1, [2, 3]);
        tensor.writeVarintField(2, 1);
        tensor.writeStringField(8, "weights");
        tensor.writeBytesField(9, new Uint8Array(24));
      });
      message(model, 11, (input) => input.writeStringField(1, "x"));
      message(model, 12, (output) => output.writeStringField(1, "y"));
    });
    message(writer, 8, (set) => {
      set.writeStringField(1, "ai.onnx.ml");
      set.writeVarintField(2, 3);
    });
    message(writer, 8, (set) => set.writeVarintField(2, 21));
    message(writer, 14, (entry) => {
      entry.writeStringField(1, "author");
      entry.writeStringField(2, "Köln");
    });
    const read = readModelFile(writer.finish());
    expect(read).toMatchObject({
      operatorSets: new Map([
        ["ai.onnx.ml", 3],
        ["", 21],
      ]),
      metadata: new Map([["author", "Köln"]]),
      initializers: [{ name: "weights", shape: [2, 3], type: 1 }],
      inputs: ["x"],
      outputs: ["y"],
    });
    const [node] = read.nodes;
    expect(node).toMatchObject({
      name: "n",
      operator: "If",
      domain: "a.domain",
      inputs: ["x"],
      outputs: ["y"],
    });
    const { attributes } = node!;
    expect(attributes.get("axis")!.integer).toBe(-1);
    expect(attributes.get("axes")!.integers).toEqual([-2, 300, -3]);
    expect(attributes.get("mode")!.text).toBe("linear");
    expect(attributes.get("mode")!.integer).toBeUndefined();
    expect(attributes.get("then_branch")!.graph!.nodes[0]!.operator).toBe("Softmax");
  });

  it("an attribute's values are not looked at before somebody asks", () => {
    const writer = new PbfWriter();
    message(writer, 7, (model) =>
      message(model, 1, (node) =>
        message(node, 5, (attribute) => {
          attribute.writeStringField(1, "broken");
          attribute.writeTag(8, 3);
        }),
      ),
    );
    const { attributes } = readModelFile(writer.finish()).nodes[0]!;
    expect(() => attributes.get("broken")!.integers).toThrow();
  });
});

describe("a model file", () => {
  it("is read once: a pipe, whose second reader would get something else, is served", async () => {
    const folder = await scratch();
    const path = join(folder, "model.onnx");
    execFileSync("mkfifo", [path]);
    const good = `${golden("strict-categories")}/model.onnx`;
    const writer = spawn("sh", ["-c", 'cat "$1" > "$2"; sleep 1; echo other > "$2"', "sh", good, path]);
    onTestFinished(() => void writer.kill());
    expect((await loadModel(folder)).sample).toEqual([2, 0, "Bern", "a"]);
  });

  it("leaves its memory as soon as it is loaded", async () => {
    const weights = new Uint8Array(64e6);
    const writer = new PbfWriter(new Uint8Array(weights.length + 1000));
    writer.writeVarintField(1, 8);
    message(writer, 7, (model) => {
      message(model, 1, (node) => {
        node.writeStringField(1, "x");
        node.writeStringField(2, "y");
        node.writeStringField(4, "Identity");
      });
      model.writeStringField(2, "graph");
      message(model, 5, (tensor) => {
        tensor.writePackedVarint(1, [weights.length / 4]);
        tensor.writeVarintField(2, 1);
        tensor.writeStringField(8, "unused");
        tensor.writeBytesField(9, weights);
      });
      for (const [field, name] of [
        [11, "x"],
        [12, "y"],
      ] as const) {
        message(model, field, (value) => {
          value.writeStringField(1, name);
          message(value, 2, (type) => message(type, 1, (tensor) => rowsOfOneFloat(tensor)));
        });
      }
    });
    message(writer, 8, (set) => set.writeVarintField(2, 13));
    const folder = await scratch();
    const file = writer.finish();
    await writeFile(join(folder, "model.onnx"), file);
    const { arrayBuffers } = process.memoryUsage();
    const model = await loadModel(folder);
    // What this test itself holds must not make room in between.
    const held =
      process.memoryUsage().arrayBuffers - arrayBuffers + Math.min(0, weights.length - file.length);
    expect(held).toBeLessThan(weights.length / 2);
    expect(await model.predict([[7]])).toEqual([7]);
  });

  it("whose weights are beside it is served from a folder relative to the working directory too", async () => {
    const model = await loadModel(relative(process.cwd(), golden("external-data")));
    expect(await model.predict([model.sample])).toHaveLength(1);
  });

  it("that is a folder, or empty, is refused by name", async () => {
    const folder = await scratch();
    const path = join(folder, "model.onnx");
    await writeFile(path, "");
    await expect(loadModel(folder)).rejects.toThrow(`${path} is not an ONNX file`);
    await rm(path);
    await mkdir(path);
    await expect(loadModel(folder)).rejects.toThrow(`${path} is not a file`);
  });
});
