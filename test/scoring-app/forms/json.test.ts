import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseText } from "../../../scoring-app/src/exact-json.ts";
import { parseJson } from "../../../scoring-app/src/forms/json.ts";

describe("NaN, Infinity and -Infinity, as Python writes them", () => {
  it.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ['{"data": [[NaN, Infinity, -Infinity, 1]]}', { data: [[Number.NaN, Infinity, -Infinity, 1]] }],
    ["[NaN,NaN]", [Number.NaN, Number.NaN]],
    ['{"a": {"b": [null, {"c": NaN}]}, "d": "NaN"}', { a: { b: [null, { c: Number.NaN }] }, d: "NaN" }],
    ['{"NaN": NaN, "Infinity": [Infinity]}', { NaN: Number.NaN, Infinity: [Infinity] }],
    ['["NaN, Infinity \\" NaN", NaN]', ['NaN, Infinity " NaN', Number.NaN]],
    ['["\\\\", NaN, "\\\\\\" -Infinity", -Infinity]', ["\\", Number.NaN, '\\" -Infinity', -Infinity]],
    ['["[NaN]", "", NaN]', ["[NaN]", "", Number.NaN]],
    ["[9007199254740993, NaN]", [2 ** 53, Number.NaN]],
  ])("%s", (text, value) => {
    expect(parseText(text, false)).toEqual(value);
  });

  it.each([
    "-NaN",
    "[1NaN]",
    "[NaN1]",
    "[xNaN]",
    "[NaN NaN]",
    "[--Infinity]",
    "[+Infinity]",
    "[1Infinity]",
    "[Infinity1]",
    "[nan]",
    "[inf]",
    "[NaN",
    '["NaN]',
    "{NaN: 1}",
    "{Infinity: 1}",
  ])("%s is no JSON: the error is that of JSON.parse", (text) => {
    let message = "";
    try {
      JSON.parse(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).not.toBe("");
    for (const exact of [false, true]) {
      expect(() => parseJson(Buffer.from(text), exact)).toThrow(`the body is not JSON: ${message}`);
    }
  });

  it("in any JSON, and nothing else of it is touched", () => {
    const marks = fc.constantFrom(Number.NaN, Infinity, -Infinity);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.jsonValue(),
        marks,
        fc.constantFrom("NaN", 'a"NaN', "\\", "-Infinity"),
        fc.array(tie("tree")),
        fc.dictionary(fc.constantFrom("NaN", "a", "__proto__", '"'), tie("tree"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(parseText(dumped(value), false)).toEqual(revived(value));
      }),
      { numRuns: 400 },
    );
  });
});

/** As Python's json.dumps writes it. */
function dumped(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(dumped).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${dumped(item)}`);
  return `{${entries.join(", ")}}`;
}

/** As JSON keeps it: without -0. */
function revived(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const copy = {};
  for (const key of Object.keys(value)) {
    Object.defineProperty(copy, key, {
      value: revived((value as Record<string, unknown>)[key]),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

describe("integers that a double does not hold", () => {
  it.each<[string, unknown]>([
    ["[9007199254740993]", [9007199254740993n]],
    ["[-9223372036854775808, 18446744073709551615]", [-9223372036854775808n, 18446744073709551615n]],
    [
      '{"a": 9007199254740993, "b": ["9007199254740993", 1]}',
      { a: 9007199254740993n, b: ["9007199254740993", 1] },
    ],
    ["[9007199254740991, 9007199254740992]", [2 ** 53 - 1, 9007199254740992n]],
    ["[1234567890123456]", [1234567890123456]],
    ["[NaN,9007199254740993]", [Number.NaN, 9007199254740993n]],
    [
      "[9007199254740994.5, 0.9007199254740993, 9007199254740994e1]",
      [2 ** 53 + 2, 0.9007199254740993, 90071992547409940],
    ],
    ["[123456789012345678901]", [Number("123456789012345678901")]],
    ['[{"\\u0000": "9007199254740993"}]', [{ "\0": "9007199254740993" }]],
  ])("%s", (text, value) => {
    expect(parseText(text, true)).toEqual(value);
  });

  it("are numbers, as JavaScript has them, where no model takes them", () => {
    expect(parseText("[9007199254740993]", false)).toEqual([2 ** 53]);
  });

  it.each([
    "[09007199254740993]",
    "[9007199254740993,]",
    "[9007199254740993 9007199254740993]",
    "[x9007199254740993]",
  ])("%s is no JSON", (text) => expect(() => parseText(text, true)).toThrow(SyntaxError));

  it("every integer of 64 bits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (integer) => {
        const [value] = parseText(`[ ${integer}]`, true) as [number | bigint];
        expect(BigInt(value)).toBe(integer);
      }),
    );
  });
});
