/**
 * `node bench/scoring.ts [--seconds 5] [--rounds 3] [--front URL]`: the scoring app beside its peers, one core each, wrk on the other.
 * With `--front https://localhost:PORT` (from `npm run local -- outputs`) the deployed app's front end is measured too.
 * Every round starts every server anew; figures are medians of the rounds. Needs wrk (Debian) and python3-venv.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pythonWith } from "../test/scoring-app/python.ts";
import setup from "../test/scoring-app/setup.ts";
import {
  type Contender,
  cpuSeconds,
  type Load,
  load,
  median,
  memory,
  start,
  writeScript,
} from "./scoring/measure.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    front: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

setup();
const azure = pythonWith(["azureml-inference-server-http==1.5.1", "scikit-learn==1.9.1"]);
const fastapi = pythonWith(["fastapi==0.165.0", "uvicorn[standard]==0.54.0", "onnxruntime==1.32.0"]);
const scratch = mkdtempSync(join(tmpdir(), "bench-"));

// Numbers of a fixed sequence: the same bodies in every run.
let state = 42;
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state / 2 ** 31 - 0.5;
};
const bodyOf = (rows: number) =>
  JSON.stringify({
    data: Array.from({ length: rows }, () => Array.from({ length: 10 }, () => Number(random().toFixed(6)))),
  });
const twoRows = Array.from({ length: 1000 }, () => bodyOf(2));
const small = join(scratch, "small.lua");
const large = join(scratch, "large.lua");
writeScript(small, twoRows);
writeScript(
  large,
  Array.from({ length: 20 }, () => bodyOf(1000)),
);

const MODELS: Record<string, string> = {
  ridge: here("../scoring-app/model"),
  "gradient-boosting": here("../test/scoring-app/golden/gradient-boosting"),
};

function contenders(model: string): Contender[] {
  const env = { AZUREML_MODEL_DIR: MODELS[model]!, BENCH_MODEL: model };
  const node = process.execPath;
  const app = { cwd: here("../scoring-app"), command: [node, "--max-semi-space-size=8", "dist/main.js"] };
  const list: Contender[] = [
    { name: "scoring app", ...app, env },
    { name: "node:http echo", cwd: here("scoring"), command: [node, "echo.mjs"], env },
    {
      name: "FastAPI + ONNX Runtime",
      cwd: here("scoring"),
      command: [fastapi, "-m", "uvicorn", "fastapi_app:app", "--port", "$PORT", "--no-access-log"],
      env,
    },
    {
      name: "azureml-inference-server-http",
      cwd: here("scoring"),
      command: [
        azure,
        "-m",
        "azureml_inference_server_http",
        "--port",
        "$PORT",
        "--entry_script",
        "score.py",
      ],
      env: { ...env, WORKER_COUNT: "1" },
    },
  ];
  if (model !== "ridge") return list.filter(({ name }) => name !== "node:http echo");
  list.push({ name: "scoring app, 2 workers", ...app, env: { ...env, WORKER_COUNT: "2" } });
  list.push({ name: "JSON.parse alone", cwd: here("scoring"), command: [node, "echo.mjs", "json"], env });
  return list;
}

interface Figures {
  ready: number;
  idle: number;
  loaded: number;
  perCpuSecond: number;
  at: Record<number, Load>;
  rowsPerSecond: number;
}

async function measure(contender: Contender): Promise<Figures> {
  const running = await start(contender, twoRows[0]!);
  try {
    const idle = memory(running);
    await load(`http://127.0.0.1:${running.port}`, small, 16, 1);
    const at: Record<number, Load> = {};
    let perCpuSecond = 0;
    for (const connections of [1, 16, 64]) {
      const cpu = cpuSeconds(running);
      at[connections] = await load(`http://127.0.0.1:${running.port}`, small, connections, seconds);
      if (connections === 16) perCpuSecond = (at[16]!.perSecond * seconds) / (cpuSeconds(running) - cpu);
    }
    const loaded = memory(running);
    const { perSecond } = await load(`http://127.0.0.1:${running.port}`, large, 4, Math.min(seconds, 3));
    return { ready: running.readyMs, idle, loaded, perCpuSecond, at, rowsPerSecond: perSecond * 1000 };
  } finally {
    await running.stop();
  }
}

for (const model of Object.keys(MODELS)) {
  const list = contenders(model);
  const results = new Map(list.map(({ name }) => [name, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of list) results.get(contender.name)!.push(await measure(contender));
  }
  const of = (name: string, pick: (figures: Figures) => number) => median(results.get(name)!.map(pick));
  const table = list.map(({ name }) => ({
    server: name,
    "req/s c1": Math.round(of(name, (f) => f.at[1]!.perSecond)),
    "req/s c16": Math.round(of(name, (f) => f.at[16]!.perSecond)),
    "req/s c64": Math.round(of(name, (f) => f.at[64]!.perSecond)),
    "p99 c16 ms": of(name, (f) => f.at[16]!.p99).toFixed(2),
    "per CPU-s": Math.round(of(name, (f) => f.perCpuSecond)),
    "1000-row rows/s": Math.round(of(name, (f) => f.rowsPerSecond)),
    "ready ms": Math.round(of(name, (f) => f.ready)),
    "idle MB": Math.round(of(name, (f) => f.idle)),
    "loaded MB": Math.round(of(name, (f) => f.loaded)),
    errors: of(name, (f) => f.at[1]!.errors + f.at[16]!.errors + f.at[64]!.errors),
    "app's ratio c16": (
      of("scoring app", (f) => f.at[16]!.perSecond) / of(name, (f) => f.at[16]!.perSecond)
    ).toFixed(2),
    "app's ratio c64": (
      of("scoring app", (f) => f.at[64]!.perSecond) / of(name, (f) => f.at[64]!.perSecond)
    ).toFixed(2),
  }));
  console.log(`\n${model}: two-row requests, median of ${rounds} interleaved rounds of ${seconds} s`);
  console.table(table);
}
if (values.front) {
  console.log(`\nThrough ${values.front}`);
  for (const connections of [1, 16, 64]) {
    console.log(connections, await load(new URL(values.front).origin, small, connections, seconds));
  }
}
rmSync(scratch, { recursive: true });
