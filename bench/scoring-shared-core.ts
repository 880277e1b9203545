/**
 * `npm run bench:shared-core -- [--seconds 5] [--rounds 3] [--model ridge] [--busy 2]`: the scoring app, the node:http echo and FastAPI on a core
 * that busy processes share with them, as on a B1 plan; wrk has the other core. Every round starts every server anew;
 * figures are medians of the rounds. Needs what bench:scoring needs.
 */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import setup from "../test/scoring-app/setup.ts";
import { echo, fastapi, scoringApp } from "./scoring/contenders.ts";
import {
  type Load,
  load,
  median,
  scratchFolder,
  spawnGroup,
  start,
  tables,
  writeScript,
} from "./scoring/measure.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    model: { type: "string", default: "gradient-boosting" },
    /** Processes that never rest. */
    busy: { type: "string", default: "2" },
  },
});
const CONNECTIONS = [16, 64, 128, 256];

setup();
const scratch = scratchFolder();
const bodies = tables(1000, 2);
const script = join(scratch, "two-rows.lua");
writeScript(
  script,
  "/score",
  bodies.map((data) => JSON.stringify({ data })),
);

const contenders = [scoringApp(values.model), echo(values.model), fastapi(values.model)];
const results = new Map(contenders.map(({ name }) => [name, CONNECTIONS.map((): Load[] => [])]));
const busy: ChildProcess[] = [];
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contender of contenders) {
      const running = await start(contender, bodies[0]!);
      try {
        const origin = `http://127.0.0.1:${running.port}`;
        await load(origin, script, 16, 2);
        for (let i = 0; i < Number(values.busy); i++) {
          // Detached, each has a share of the core of its own: the kernel gives one to every session.
          busy.push(spawnGroup("taskset", ["-c", "0", process.execPath, "-e", "for (;;);"]));
        }
        for (const [index, connections] of CONNECTIONS.entries()) {
          results
            .get(contender.name)!
            [index]!.push(await load(origin, script, connections, Number(values.seconds)));
        }
      } finally {
        for (const each of busy.splice(0)) each.kill("SIGKILL");
        await running.stop();
      }
    }
  }
} finally {
  for (const each of busy) each.kill("SIGKILL");
}

const of = (name: string, index: number, figure: keyof Load) =>
  median(results.get(name)![index]!.map((one) => one[figure]));
const [app, bound, peer] = contenders.map(({ name }) => name) as [string, string, string];
console.log(
  `\n${values.model}, ${values.busy} busy processes on the servers' core; medians of ${values.rounds} rounds of ${values.seconds} s`,
);
console.table(
  CONNECTIONS.map((connections, index) => {
    const rate = (name: string) => of(name, index, "perSecond");
    return {
      connections,
      ...Object.fromEntries([app, bound, peer].map((name) => [`${name} req/s`, Math.round(rate(name))])),
      "not 200": of(app, index, "errors"),
      "p99 ms": Number(of(app, index, "p99").toFixed(0)),
      "share of the echo's rate": Number((rate(app) / rate(bound)).toFixed(2)),
      "times FastAPI": Number((rate(app) / rate(peer)).toFixed(1)),
    };
  }),
);
