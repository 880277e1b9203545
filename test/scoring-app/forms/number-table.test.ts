import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNumberTable } from "../../../scoring-app/src/forms/number-table.ts";
import { encodeRows } from "../../../scoring-app/src/model/cells.ts";
import type { CellType, ModelInput, Signature } from "../../../scoring-app/src/model/signature.ts";

const signatureOf = (width: number, type: CellType = "float32", inputs = 1) =>
  ({
    inputs: Array.from(
      { length: inputs },
      (): ModelInput => ({
        name: "x",
        type,
        width,
        dims: [width],
        columns: undefined,
        sample: [],
        samples: [],
        described: false,
        range: undefined,
      }),
    ),
    width: width * inputs,
  }) as unknown as Signature;

const read = (text: string, width: number) => readNumberTable(Buffer.from(text), signatureOf(width));

/** The cells as JSON.parse and the general encoding give them. */
function parsed(text: string, width: number) {
  const { data } = JSON.parse(text) as { data: unknown[] };
  return encodeRows(signatureOf(width).inputs, width, data);
}

/** A table must be what the general way gives, bit by bit (so that -0 and 0 differ). */
function expectSame(text: string, width: number): void {
  const { rows, values } = parsed(text, width);
  const feed = read(text, width)!.feed;
  expect(feed.rows).toBe(rows);
  expect(new Uint32Array((feed.values[0] as Float32Array).slice().buffer)).toEqual(
    new Uint32Array((values[0] as Float32Array).slice().buffer),
  );
}

describe("a table of numbers is read as JSON.parse reads it", () => {
  it.each([
    '{"data":[[1]]}',
    '{"data": [[1, 2], [3, 4]]}',
    ' \n\r\t{ "data" :\t[ [ 1 , 2 ]\n, [ 3 , 4 ] ] } \r\n',
    '{"data":[[0,-0],[-0.0,0.0e5]]}',
    '{"data":[[6783.28906,4073.05029],[1e3,1E+3],[2.5e-3,-1e-22]]}',
    '{"data":[[0.03807590643342410,-0.00259226199818282]]}',
    '{"data":[[0.00012345678901234567,123456789.123456789]]}',
    '{"data":[[123456789012345,0.000000000000000000001]]}',
    '{"data":[[999999999,0.999999999],[1.0000000001,100000000.5]]}',
    '{"data":[[3.4028234e22,1e-20]]}',
    '{"data":[[340282346638528.86e24,-340282346638528.86e24,123456789012345e22,1e007]]}',
    '{"data":[[16777217,16777216.9999999]]}',
  ])("%j", (text) => expectSame(text, (JSON.parse(text) as { data: unknown[][] }).data[0]!.length));

  // As people's clients write numbers: doubles in full, of a few places, integers, and as Python does.
  const value = fc.tuple(fc.integer(), fc.integer({ min: 1 })).map(([above, below]) => above / below);
  const number = fc.oneof(
    value.map((double) => JSON.stringify(double)),
    value.map((double) => double.toFixed(4)),
    fc.integer().map(String),
    value.map((double) => JSON.stringify(Math.fround(double))),
    value.map((double) => double.toExponential(5)),
  );
  const space = fc.constantFrom("", " ", "\n", "\t \r");
  const table = fc.integer({ min: 1, max: 6 }).chain((width) =>
    fc
      .tuple(
        fc.array(fc.array(number, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
        space,
      )
      .map(([rows, gap]) => {
        const lines = rows.map((row) => `[${gap}${row.join(`${gap},${gap}`)}${gap}]`);
        return { width, text: `{${gap}"data"${gap}:${gap}[${lines.join(`${gap},${gap}`)}]${gap}}${gap}` };
      }),
  );

  it("whatever the numbers and the white space", () => {
    let whole = 0;
    fc.assert(
      fc.property(table, ({ text, width }) => {
        if (!read(text, width)) return;
        whole++;
        expectSame(text, width);
      }),
      { numRuns: 3000 },
    );
    // Of the others one number has more than 22 places.
    expect(whole).toBeGreaterThan(2500);
  });

  it("or not at all, where numbers are near the middle of two float32", () => {
    const digits = fc.integer({ min: 9, max: 18 });
    const middle = fc.float({ min: Math.fround(1e-5), max: 1e9, noNaN: true }).map((low) => {
      const [bits] = new Uint32Array(new Float32Array([low]).buffer);
      const [high] = new Float32Array(new Uint32Array([bits! + 1]).buffer);
      return (low + high!) / 2;
    });
    fc.assert(
      fc.property(middle, digits, (double, count) => {
        const text = `{"data":[[${double.toPrecision(count)}]]}`;
        if (read(text, 1)) expectSame(text, 1);
      }),
      { numRuns: 5000 },
    );
  });

  it("nor where the body is cut", () => {
    const text = '{"data":[[-0.125,2e-3],[30,4]]}';
    for (let end = 0; end < text.length; end++) expect(read(text.slice(0, end), 2)).toBeUndefined();
    expectSame(text, 2);
  });

  it("and of a damaged body nothing that JSON.parse would refuse or read otherwise", () => {
    const pieces = fc.constantFrom(...'0123456789+-.eE,[]{}:" \u00a0é', "null", "NaN", '"data"', "[]", "");
    fc.assert(
      fc.property(table, fc.nat(), fc.nat(3), pieces, ({ text, width }, at, cut, piece) => {
        const from = at % text.length;
        const damaged = text.slice(0, from) + piece + text.slice(from + cut);
        if (read(damaged, width)) expectSame(damaged, width);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["few columns", 9000, 4],
    ["a row that is larger than what is at hand", 1, 20_000],
  ])("a large one too: %s", (_, rows, width) => {
    const cells = (row: number) => Array.from({ length: width }, (_, column) => (row - column) / 7);
    const table = Array.from({ length: rows }, (_, row) => cells(row).map((cell) => Number(cell.toFixed(6))));
    expectSame(JSON.stringify({ data: table }), width);
  });

  it("and a second table does not change the first", () => {
    const first = read('{"data":[[1,2]]}', 2)!;
    read('{"data":[[3,4]]}', 2);
    expect([...(first.feed.values[0] as Float32Array)]).toEqual([1, 2]);
  });
});

describe("anything else is left to JSON.parse", () => {
  it.each([
    "",
    " ",
    "{",
    "[[1,2]]",
    '{"data":',
    '{"data":[]}',
    '{"data":[[]]}',
    '{"data":[[1,2]',
    '{"data":[[1,2]]',
    '{"data":[[1,2]]}}',
    '{"data":[[1,2]]} x',
    '{"data":[[1,2]],"method":"predict"}',
    '{"data":[[1,2]],"data":[[3,4]]}',
    '{"Data":[[1,2]]}',
    '{"d\\u0061ta":[[1,2]]}',
    "{data:[[1,2]]}",
    '{"data":{"data":[[1,2]]}}',
    '{"data":[[1,2],]}',
    '{"data":[[1,2,]]}',
    '{"data":[[1 2]]}',
    '{"data":[[1],[2]]}',
    '{"data":[[1,2,3]]}',
    '{"data":[1,2]}',
    '{"data":[[1,null]]}',
    '{"data":[[1,"2"]]}',
    '{"data":[[1,true]]}',
    '{"data":[[1,NaN]]}',
    '{"data":[[1,01]]}',
    '{"data":[[1,00.5]]}',
    '{"data":[[1,.5]]}',
    '{"data":[[1,5.]]}',
    '{"data":[[1,+5]]}',
    '{"data":[[1,-]]}',
    '{"data":[[1,--5]]}',
    '{"data":[[1,1.2.3]]}',
    '{"data":[[1,1e]]}',
    '{"data":[[1,1e+]]}',
    '{"data":[[1,1e5.5]]}',
    '{"data":[[1,1f5]]}',
    '{"data":[[1,2]]}\u00a0',
    '\ufeff{"data":[[1,2]]}',
  ])("%j", (text) => expect(read(text, 2)).toBeUndefined());

  it.each([
    ["of more digits than are sure", "1234567890123456"],
    ["of more places than are sure", "1.234567890123456789"],
    ["of a large exponent", "1e23"],
    ["of a small exponent", "1e-23"],
    ["beyond a float32", "350000000000000.00e24"],
    ["of an endless exponent", "1e99999999999999999999"],
    ["of an endless negative exponent", "1e-99999999999999999999"],
    // The middle of two float32, less and more than which is rounded to either: the digits cannot tell.
    ["between 1 and the next float32", "1.00000005960464478"],
    ["between the next float32 and the one after it", "1.00000017881393433"],
  ])("a number %s", (_, number) => expect(read(`{"data":[[${number}]]}`, 1)).toBeUndefined());

  it("a model of other inputs", () => {
    const body = Buffer.from('{"data":[[1,2]]}');
    expect(readNumberTable(body, signatureOf(2))).toBeDefined();
    expect(readNumberTable(body, signatureOf(2, "float64"))).toBeUndefined();
    expect(readNumberTable(body, signatureOf(2, "int64"))).toBeUndefined();
    expect(readNumberTable(body, signatureOf(1, "float32", 2))).toBeUndefined();
  });
});
