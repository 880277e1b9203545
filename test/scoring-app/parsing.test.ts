import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBytes, fromCells, toBytes } from "../../scoring-app/src/inference/datatypes.ts";
import { encodeRows, joinFeeds, shown } from "../../scoring-app/src/model/cells.ts";
import type { CellType, ModelInput } from "../../scoring-app/src/model/signature.ts";
import { shortFloat } from "../../scoring-app/src/model/values.ts";

const input = (type: CellType, width = 1, columns?: string[]): ModelInput => ({
  name: "x",
  type,
  width,
  dims: [width],
  columns,
  sample: [],
  samples: [],
  described: false,
  range: undefined,
});

describe("cells", () => {
  it.each<[CellType, unknown, boolean, unknown?]>([
    ["float32", 1.5, true, 1.5],
    ["float32", null, true, Number.NaN],
    ["float32", 3.5e38, false],
    ["float32", "1", false],
    ["float32", undefined, false],
    ["float64", 1e308, true, 1e308],
    ["float64", null, true, Number.NaN],
    ["float64", Number.POSITIVE_INFINITY, true, Number.POSITIVE_INFINITY],
    ["float64", 2n ** 53n + 1n, true, 2 ** 53],
    ["float32", Number.NEGATIVE_INFINITY, true, Number.NEGATIVE_INFINITY],
    ["float32", Number.NaN, true, Number.NaN],
    ["float32", 2n ** 60n, true, 2 ** 60],
    ["float64", true, false],
    ["int64", 2 ** 53 - 1, true, 2n ** 53n - 1n],
    ["int64", 2 ** 53, false],
    ["int64", 2n ** 63n - 1n, true, 2n ** 63n - 1n],
    ["int64", -(2n ** 63n), true, -(2n ** 63n)],
    ["int64", 2n ** 63n, false],
    ["int64", Number.NaN, false],
    ["int64", "1", false],
    ["int32", -(2 ** 31), true, -(2 ** 31)],
    ["int32", 2 ** 31, false],
    ["int32", 1.5, false],
    ["int32", null, false],
    ["int32", 2n ** 60n, false],
    ["int32", Number.NaN, false],
    ["bool", true, true, 1],
    ["bool", false, true, 0],
    ["bool", 1, false],
    ["bool", 2n ** 60n, false],
    ["string", "a", true, "a"],
    ["string", null, false],
    ["string", 2n ** 60n, false],
  ])("%s from %s: %s", (type, cell, fits, value) => {
    const encode = () => encodeRows([input(type, 1, ["x"])], 1, [[cell]]);
    if (!fits) expect(encode).toThrow(/^row 0, column 0 \("x"\): expected .*, given /);
    else expect(encode().values[0]![0]).toEqual(value);
  });

  it("columns of several inputs keep their places", () => {
    const inputs = [input("float32", 2), input("string", 1, ["s"])];
    const feed = encodeRows(inputs, 3, [
      [1, 2, "a"],
      [3, 4, "b"],
    ]);
    expect(feed).toEqual({ rows: 2, values: [new Float32Array([1, 2, 3, 4]), ["a", "b"]] });
    expect(() => encodeRows(inputs, 3, [[1, 2, 3]])).toThrow(
      'row 0, column 2 ("s"): expected a string (string), given 3',
    );
    expect(() => encodeRows(inputs, 3, [[1, "x", "a"]])).toThrow("row 0, column 1: expected");
    expect(joinFeeds([feed, feed])).toEqual({
      rows: 4,
      values: [new Float32Array([1, 2, 3, 4, 1, 2, 3, 4]), ["a", "b", "a", "b"]],
    });
  });

  it("shows values short", () => {
    expect(shown("x".repeat(100))).toBe(`"${"x".repeat(56)}…`);
    expect(shown("x".repeat(58))).toBe(`"${"x".repeat(58)}"`);
    expect(shown([1])).toBe("an array of 1");
    expect(shown(2n ** 60n)).toBe("1152921504606846976");
    expect(shown({})).toBe("an object");
    expect(shown(Number.POSITIVE_INFINITY)).toBe("Infinity");
    expect(shown(null)).toBe("null");
    expect(shown(undefined)).toBe("nothing");
  });
});

describe("floats in answers", () => {
  it.each([
    [4073.05029296875, 4073.05029],
    [-152.13348388671875, -152.133484],
    [0.5, 0.5],
    [0, 0],
    [Number.NaN, Number.NaN],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Math.fround(1e-7), Math.fround(1e-7)],
    [16777216, 16777216],
  ])("%d is written %d", (value, short) => expect(shortFloat(value)).toBe(short));

  it("every float32 reads back as itself", () => {
    fc.assert(
      fc.property(fc.float(), (value) => {
        expect(Math.fround(shortFloat(value))).toBe(value);
      }),
    );
  });
});

describe("binary data", () => {
  const bytes = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  it.each<[CellType, string, ArrayBufferView, unknown[]]>([
    ["float32", "FP32", new Float32Array([1.5, -2]), [1.5, -2]],
    ["float32", "FP64", new Float64Array([1.5]), [1.5]],
    ["float32", "INT8", new Int8Array([-1]), [-1]],
    ["float32", "UINT8", new Uint8Array([255]), [255]],
    ["float32", "INT16", new Int16Array([-2]), [-2]],
    ["float32", "UINT16", new Uint16Array([65535]), [65535]],
    ["float64", "UINT32", new Uint32Array([2 ** 32 - 1]), [2 ** 32 - 1]],
    ["float64", "INT64", new BigInt64Array([-5n]), [-5]],
    ["float64", "UINT64", new BigUint64Array([5n]), [5]],
    ["int32", "INT32", new Int32Array([-7]), [-7]],
    ["int64", "INT64", new BigInt64Array([2n ** 60n]), [2n ** 60n]],
    ["int64", "FP32", new Float32Array([3]), [3n]],
    ["bool", "BOOL", new Uint8Array([0, 1, 2]), [0, 1, 1]],
  ])("%s from %s", (type, datatype, array, values) => {
    expect(
      Array.from(fromBytes("t", type, datatype, values.length, bytes(array)) as ArrayLike<unknown>),
    ).toEqual(values);
    expect(() => fromBytes("t", type, datatype, values.length + 1, bytes(array))).toThrow(
      /^t: \d+ bytes for/,
    );
  });

  it.each<[CellType, string, ArrayBufferView]>([
    ["int64", "FP64", new Float64Array([1.5])],
    ["int64", "UINT64", new BigUint64Array([2n ** 63n])],
    ["int32", "FP64", new Float64Array([2 ** 31])],
  ])("%s does not take that %s", (type, datatype, array) => {
    expect(() => fromBytes("t", type, datatype, 1, bytes(array))).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });

  it("strings there and back", () => {
    const packed = toBytes("string", ["", "Łódź"]);
    expect(packed.length).toBe(4 + 4 + Buffer.byteLength("Łódź"));
    expect(fromBytes("t", "string", "BYTES", 2, packed)).toEqual(["", "Łódź"]);
    for (const count of [1, 3])
      expect(() => fromBytes("t", "string", "BYTES", count, packed)).toThrow(/do not hold/);
    expect(() => fromBytes("t", "string", "BYTES", 2, packed.subarray(0, -1))).toThrow(/do not hold/);
  });

  it("cells name row and column", () => {
    expect(fromCells("float32", 2, undefined, [1, 2])).toEqual(new Float32Array([1, 2]));
    expect(() => fromCells("float32", 2, ["a", "b"], [1, 2, 3, "x"])).toThrow(/^row 1, column b: expected/);
    expect(() => fromCells("float32", 2, undefined, [1, 2, "x"])).toThrow(/^row 1, column 0: expected/);
  });
});
