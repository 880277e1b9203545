import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mlflowPython, plainPython, startMlflow, startWithModel } from "./mlflow-servers.ts";
import type { Server } from "./servers.ts";

/** A request of /invocations by name. */
type Case = [name: string, body: string | Buffer, type?: string];

const sent = (name: string, body: unknown): Case => [name, JSON.stringify(body)];

const COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
const ROWS = [
  [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87],
  [48, 1, 21.6, 87, 183, 103.2, 70, 3, 3.8918, 69],
];
const record = (names: string[], row: unknown[]) =>
  Object.fromEntries(names.map((name, column) => [name, row[column]]));
const columnsOf = (names: string[], rows: unknown[][]) =>
  Object.fromEntries(names.map((name, column) => [name, rows.map((row) => row[column])]));
/** The same rows in every form. */
const forms = (names: string[], rows: unknown[][]): Case[] => [
  sent("dataframe_split", { dataframe_split: { columns: names, data: rows } }),
  sent("dataframe_split with an index", {
    dataframe_split: { columns: names, data: rows, index: rows.map((_, row) => `r${row}`) },
  }),
  sent("dataframe_split in another order, with a column more", {
    dataframe_split: {
      columns: [...names.toReversed(), "more"],
      data: rows.map((row) => [...row.toReversed(), "x"]),
    },
  }),
  sent("dataframe_records", { dataframe_records: rows.map((row) => record(names, row)) }),
  sent("dataframe_records, each in another order", {
    dataframe_records: rows.map((row, at) =>
      at % 2 ? record(names.toReversed(), row.toReversed()) : record(names, row),
    ),
  }),
  sent("instances of records", { instances: rows.map((row) => record(names, row)) }),
  sent("instances of rows", { instances: rows }),
  sent("inputs of records", { inputs: rows.map((row) => record(names, row)) }),
  sent("inputs of columns", { inputs: columnsOf(names, rows) }),
  sent("inputs of rows", { inputs: rows }),
  ["CSV", [names, ...rows].map((cells) => `${cells.join(",")}\n`).join(""), "text/csv"],
];
/** A cell of the first row is another. */
const withCell = (rows: unknown[][], column: number, cell: unknown) =>
  rows.map((row, at) => (at === 0 ? row.with(column, cell) : row));
const split = (name: string, columns: string[], data: unknown) =>
  sent(name, { dataframe_split: { columns, data } });

const FAULTS: Case[] = [
  ["no JSON", "{"],
  ["JSON that is not UTF-8", Buffer.from('{"inputs": "\xff"}', "latin1")],
  ["no body", ""],
  sent("a list", ROWS),
  sent("a number", 5),
  sent("no form", { data: ROWS }),
  sent("two forms", { inputs: ROWS, instances: ROWS }),
  sent("dataframe_split of a list", { dataframe_split: ROWS }),
  sent("dataframe_split without data", { dataframe_split: { columns: COLUMNS } }),
  sent("dataframe_split with a member more", { dataframe_split: { columns: COLUMNS, data: ROWS, x: 1 } }),
  sent("dataframe_split with fewer columns than cells", {
    dataframe_split: { columns: ["age"], data: ROWS },
  }),
  sent("dataframe_records of an object", { dataframe_records: record(COLUMNS, ROWS[0]!) }),
  sent("dataframe_split without labels of columns", { dataframe_split: { data: ROWS } }),
  ["another type", "[]", "application/xml"],
  ["a charset", JSON.stringify({ inputs: ROWS }), "application/json; charset=latin1"],
  ["UTF-8", JSON.stringify({ instances: [record(COLUMNS, ROWS[0]!)] }), "application/json; charset=UTF-8"],
  ["a parameter of the type", "{}", "application/json; version=1"],
  ["CSV with an open quote", '"a', "text/csv"],
  ["CSV without rows", "age,sex\n", "text/csv"],
  ["CSV with other types", `${COLUMNS}\n${withCell(ROWS, 0, "x")[0]}\n`, "text/csv"],
  split(
    "a column that is missing",
    COLUMNS.slice(1),
    ROWS.map((row) => row.slice(1)),
  ),
  split("a column under another name", ["Age", ...COLUMNS.slice(1)], ROWS),
  split(
    "a column twice",
    ["age", ...COLUMNS],
    ROWS.map((row) => [1, ...row]),
  ),
  split("no rows", COLUMNS, []),
  split("rows of another length", COLUMNS, [[1, 2]]),
  split("text for a number", COLUMNS, withCell(ROWS, 0, "x")),
  split("a number as text", COLUMNS, withCell(ROWS, 0, "59")),
  split("null for a number", COLUMNS, withCell(ROWS, 0, null)),
  split("true for a number", COLUMNS, withCell(ROWS, 0, true)),
  split("a list for a number", COLUMNS, withCell(ROWS, 0, [1])),
  ["NaN", JSON.stringify({ dataframe_split: { columns: COLUMNS, data: ROWS } }).replace("59", "NaN")],
  [
    "a huge integer",
    JSON.stringify({ dataframe_split: { columns: COLUMNS, data: ROWS } }).replace("59", `1${"0".repeat(30)}`),
  ],
  sent("inputs of columns of several lengths", { inputs: { ...columnsOf(COLUMNS, ROWS), age: [1] } }),
  sent("instances that lack a column", { instances: [{ age: 1 }] }),
  sent("parameters of a model without", {
    ...JSON.parse(forms(COLUMNS, ROWS)[0]![1] as string),
    params: { a: 1 },
  }),
];

const IRIS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"];
const FLOWERS = [
  [5.1, 3.5, 1.4, 0.2],
  [6, 2.7, 5.1, 1.6],
  [6.5, 3, 5.2, 2],
];
const PEOPLE = ["job", "age", "children", "height", "smokes"];
const ROWS_OF_PEOPLE = [
  ["cook", 33, 2, 1.75, true],
  ["smith", 61, 0, 1.5, false],
];
const withParams = (rows: Case[], ...params: unknown[]): Case[] =>
  params.map((given) =>
    sent(`with params ${JSON.stringify(given)}`, { ...JSON.parse(rows[0]![1] as string), params: given }),
  );
const numbers = forms(["x"], [[1.5], [2]]);

const models: [model: string, cases: Case[], python: () => string][] = [
  ["ridge", [...forms(COLUMNS, ROWS), ...FAULTS], plainPython],
  ["probabilities", forms(IRIS, FLOWERS), plainPython],
  [
    "array",
    [
      ...forms(IRIS, FLOWERS),
      sent("inputs of rows of another length", { inputs: [[1, 2]] }),
      sent("inputs of one row", { inputs: [1, 2, 3, 4] }),
      sent("instances of text", { instances: [["a", "b", "c", "d"]] }),
      sent("null", { inputs: [[1, 2, 3, null]] }),
    ],
    plainPython,
  ],
  [
    "unsigned",
    [...forms(IRIS, FLOWERS), split("a column that is missing", IRIS.slice(1), [[1, 2, 3]])],
    plainPython,
  ],
  [
    "people",
    [
      ...forms(PEOPLE, ROWS_OF_PEOPLE),
      split("an unknown category", PEOPLE, withCell(ROWS_OF_PEOPLE, 0, "pilot")),
      split("null for text", PEOPLE, withCell(ROWS_OF_PEOPLE, 0, null)),
      split("a fraction for an integer", PEOPLE, withCell(ROWS_OF_PEOPLE, 1, 33.5)),
      split("an integer that is too large", PEOPLE, withCell(ROWS_OF_PEOPLE, 2, 2 ** 40)),
      split("null for an integer", PEOPLE, withCell(ROWS_OF_PEOPLE, 1, null)),
      split("an integer for a float", PEOPLE, withCell(ROWS_OF_PEOPLE, 3, 2)),
      split("an integer that a float does not hold", PEOPLE, withCell(ROWS_OF_PEOPLE, 3, 16777217)),
      split("a number for true", PEOPLE, withCell(ROWS_OF_PEOPLE, 4, 1)),
      split("text for true", PEOPLE, withCell(ROWS_OF_PEOPLE, 4, "x")),
    ],
    plainPython,
  ],
  ["xgboost", forms(COLUMNS, ROWS), plainPython],
  [
    "booster",
    [
      ...forms(COLUMNS, ROWS),
      ...withParams(
        forms(COLUMNS, ROWS),
        { output_margin: true },
        { iteration_range: [0, 2] },
        { output_margin: 1 },
        { iteration_range: 2 },
        { other: 1 },
        [1],
        null,
      ),
    ],
    plainPython,
  ],
  ["lightgbm", forms(IRIS, FLOWERS), plainPython],
  ["lightgbm-booster", forms(IRIS, FLOWERS), plainPython],
  [
    "doubled",
    [
      ...numbers,
      ...withParams(numbers, { by: 2 }, { by: 1.5 }, { by: "x" }, { by: null }, { by: [1] }),
      split("text for a number", ["x"], [["a"]]),
      split("a column that is missing", ["y"], [[1]]),
    ],
    mlflowPython,
  ],
  ["centred", numbers, mlflowPython],
];

/** What a client sees. Of a fault: its name; where and why stand in the message. */
async function seen(server: Server, body: string | Buffer, type = "application/json") {
  const response = await fetch(`${server.url}/invocations`, {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  const text = await response.text();
  const fault = response.status === 400 ? JSON.parse(text) : undefined;
  return {
    seen: {
      status: response.status,
      type: response.headers.get("content-type"),
      body: fault ? fault.error_code : response.status === 200 ? text : "",
    },
    text: fault ? fault.message : text,
  };
}

/** What differs from one start of Python to the next, and with the names of its own classes. */
const steady = (message: string) =>
  message
    .replaceAll(/\{'(instances|inputs|dataframe_split|dataframe_records)'(, '\w+'){3}\}/g, "FORMS")
    .replaceAll(/Got \{[^}]*\}/g, "Got KEYS");

describe.each(models)(
  "model %s answers /invocations as under `mlflow models serve`",
  (model, cases, python) => {
    let ours: Server;
    let theirs: Server;
    beforeAll(async () => {
      [theirs, ours] = await Promise.all([startMlflow(model), startWithModel(model, python())]);
    });
    afterAll(() => Promise.all([ours?.stop(), theirs?.stop()]));

    it.each(cases)("%s", async (_, body, type) => {
      const [own, other] = await Promise.all([seen(ours, body, type), seen(theirs, body, type)]);
      expect(own.seen, `${own.text}\n${other.text}`).toEqual(other.seen);
      // MLflow's message has the data and a traceback around it.
      expect(steady(other.text)).toContain(steady(own.text));
    });

    it("is up", async () => {
      for (const path of ["/ping", "/health"]) {
        const [own, other] = await Promise.all([fetch(ours.url + path), fetch(theirs.url + path)]);
        expect([own.status, await own.text(), own.headers.get("content-type")]).toEqual([
          other.status,
          await other.text(),
          other.headers.get("content-type"),
        ]);
      }
    });
  },
);
