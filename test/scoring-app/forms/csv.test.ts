import { describe, expect, it } from "vitest";
import { csvCell, parseCsv, typedRows } from "../../../scoring-app/src/forms/csv.ts";
import type { CellType, Signature } from "../../../scoring-app/src/model/signature.ts";

describe("CSV", () => {
  it.each([
    ["a,b\n1,2\n", ["a", "b"], [["1", "2"]]],
    [
      "a,b\r\n1,2\r\n3,4",
      ["a", "b"],
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["a\r1\r", ["a"], [["1"]]],
    ['"a ""x""","b,c"\n"1\n2",', ['a "x"', "b,c"], [["1\n2", ""]]],
    ["\ufeffa\n\n1\n\n", ["a"], [["1"]]],
    ["a,b\n,\n", ["a", "b"], [["", ""]]],
    ['a\n1\n""\n\n3\n', ["a"], [["1"], [""], ["3"]]],
    ['a\r\n""\r\n', ["a"], [[""]]],
    ['a\n""', ["a"], [[""]]],
    ['\n\na\n"x\n\n""\n"\n', ["a"], [['x\n\n"\n']]],
    [
      'a,b\r\n1,"x\r\ny"\n3,4\r5,"6"\r\n\r\n',
      ["a", "b"],
      [
        ["1", "x\r\ny"],
        ["3", "4"],
        ["5", "6"],
      ],
    ],
    ['a,b\n5" pipe,2\n', ["a", "b"], [['5" pipe', "2"]]],
    [
      'a,b\r\n5" pipe,x\r\n\r\n6" pipe,"""y""\r\n"\r\n',
      ["a", "b"],
      [
        ['5" pipe', "x"],
        ['6" pipe', '"y"\r\n'],
      ],
    ],
  ])("%j", (text, columns, cells) => {
    expect(parseCsv(text)).toMatchObject({ columns, cells });
  });

  it.each<[CellType, string, unknown]>([
    ["float32", "1", 1],
    ["float32", "-1.5e3", -1500],
    ["float32", " +.5 ", 0.5],
    ["float32", "5.", 5],
    ["float32", "1E-2", 0.01],
    ["float32", "", null],
    ["float32", "NaN", null],
    ["float32", "NaNs", "NaNs"],
    ["float32", "xnan", "xnan"],
    ["float32", "12", 12],
    ["float32", ".55", 0.55],
    ["float32", "1e+10", 1e10],
    ["float32", "0x10", "0x10"],
    ["float32", "1 2", "1 2"],
    ["float32", "e5", "e5"],
    ["float32", "Infinity", Infinity],
    ["float64", "-inf", -Infinity],
    ["float32", "+INF", Infinity],
    ["float32", "info", "info"],
    ["string", "inf", "inf"],
    ["int64", "12", 12],
    ["int64", "123456789012345678901", Number("123456789012345678901")],
    ["float64", "9007199254740993", 2 ** 53],
    ["bool", "TRUE", true],
    ["bool", "false", false],
    ["bool", "xtrue", "xtrue"],
    ["bool", "falsey", "falsey"],
    ["bool", "truely", "truely"],
    ["bool", "unfalse", "unfalse"],
    ["bool", "", null],
    ["string", " x ", " x "],
    ["string", "", ""],
  ])("a cell of %s: %j is %j", (type, cell, value) => {
    const signature = { inputs: [{ type, width: 1 }] } as Signature;
    expect(typedRows(parseCsv(`x,y\n"${cell}",z`), signature, [0])).toEqual([[value]]);
  });

  it.each([
    ["+9007199254740993", 9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
  ])("a cell of int64, %s, keeps its digits", (cell, value) => {
    const signature = { inputs: [{ type: "int64", width: 1 }] } as Signature;
    expect(typedRows(parseCsv(`x\n${cell}`), signature, [0])).toEqual([[value]]);
  });
});

it.each(["", " x", "a,b", 'say "x"', "1\n2", "Köln"])("CSV reads back %j", (text) => {
  expect(parseCsv(`x\n${csvCell(text)},\n`.replace("x", "x,y")).cells).toEqual([[text, ""]]);
});

it.each<[unknown, string]>([
  [null, '""'],
  ["", '""'],
  ["Köln", "Köln"],
  [1.5, "1.5"],
  [true, "true"],
  ['a "x",\n', '"a ""x"",\n"'],
])("%j is %s in CSV", (value, cell) => expect(csvCell(value)).toBe(cell));

it.each([
  ["", "CSV: expected a header line, given an empty body"],
  ["\n\r\n", "CSV: expected a header line, given an empty body"],
  ['a,b\n\n1,"2', "CSV record 1: a quoted field does not end"],
  ['a,b\n\n1,2\n3,"4"5\n', "CSV record 2: text after a closing quote"],
  ["a,b\n1,2\n1\n", "row 1: expected 2 values as in the CSV header, given 1"],
])("%j is refused: %s", (text, message) => expect(() => parseCsv(text)).toThrow(message));
