import { describe, expect, it } from "vitest";
import { data } from "../../../scoring-app/src/forms/data.ts";
import type { Model } from "../../../scoring-app/src/model/model.ts";

const modelOf = (columns: string[]) =>
  ({ name: "m", signature: { columns, width: columns.length, probabilities: [] } }) as unknown as Model;
const read = (columns: string[], record: object) => data.read(modelOf(columns), { data: [record] }).rows;

describe("records", () => {
  it("of any order have their cells in the model's", () => {
    expect(read(["b", "a", "c"], { a: 1, b: 2, c: 3 })).toEqual([[2, 1, 3]]);
    expect(read(["b", "a", "c"], { b: 2, a: 1, c: 3 })).toEqual([[2, 1, 3]]);
    // Of names that are integers JavaScript has an order of its own.
    expect(read(["10", "x", "2"], JSON.parse('{"10": 1, "x": 2, "2": 3}'))).toEqual([[1, 2, 3]]);
    expect(read(["__proto__", "a"], JSON.parse('{"a": 1, "__proto__": 2}'))).toEqual([[2, 1]]);
  });

  it.each([
    [["a", "b"], { a: 1 }, 'row 0: column "b" is missing'],
    [["a", "b"], { a: 1, c: 2 }, 'row 0: column "b" is missing'],
    [["a", "b"], {}, 'row 0: column "a" is missing'],
    [["a", "b"], { b: 1, a: 2, c: 3, d: 4 }, 'row 0: unknown column "c", expected a, b'],
    [["toString", "a"], { a: 1 }, 'row 0: column "toString" is missing'],
  ])("of columns %j: %j: %s", (columns, record, message) => {
    expect(() => read(columns, record)).toThrow(message);
  });

  it("a message does not list thousands of columns", () => {
    const columns = Array.from({ length: 5000 }, (_, column) => `c${column}`);
    const record = Object.fromEntries([...columns, "d"].map((name) => [name, 1]));
    expect(() => read(columns, record)).toThrow(
      /^row 0: unknown column "d", expected c0, c1, .*, c29, … \(5000 columns\)$/,
    );
  });
});
