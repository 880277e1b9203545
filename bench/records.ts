/**
 * `npm run bench:records -- [--columns 10,100,1000,5000] [--records 100] [--rounds 15]`: how long records keep the app's loop, to what
 * JSON.parse of the same bodies takes. Both in this process and in turns; the best of the rounds, since others use the machine too.
 */
import { parseArgs } from "node:util";
import { timeRecords } from "./scoring/records.ts";

const { values } = parseArgs({
  options: {
    columns: { type: "string", default: "10,100,1000,5000" },
    records: { type: "string", default: "100" },
    rounds: { type: "string", default: "15" },
  },
});

const table = values.columns
  .split(",")
  .map((columns) => timeRecords(Number(columns), Number(values.records), Number(values.rounds)))
  .map(({ columns, ms, ratio, msOfParse, ...orders }) => ({
    columns,
    "MB of body": Number(orders.megabytes.toFixed(2)),
    "JSON.parse ms": Number(msOfParse.toFixed(2)),
    "app ms": Number(ms.toFixed(2)),
    "app to JSON.parse": Number(ratio.toFixed(2)),
    "in another order": Number(orders.ratioOfOthers.toFixed(2)),
  }));
console.table(table);
