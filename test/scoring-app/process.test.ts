import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { golden } from "./app.ts";
import { type AppProcess, runToEnd, startProcess } from "./process.ts";

const BODY = JSON.stringify({ data: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] });

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "scoring-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** The built app; it ends with the test, whatever comes of it. */
async function startApp(env: Record<string, string>, workers?: number): Promise<AppProcess> {
  const app = await startProcess(env, workers);
  onTestFinished(async () => void (await app.end("SIGKILL")));
  return app;
}

/** One request on a kept-open connection: its status, "refused" where nobody listened any more, else the error. */
function score(url: string, agent: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(`${url}/score`, { method: "POST", agent }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode!));
    });
    sent.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ECONNREFUSED" ? "refused" : error.code!),
    );
    sent.end(BODY);
  });
}

it("the log says why requests do not share runs", async () => {
  const app = await startApp({ GATHER: "never" });
  const line = await app.line("each request has a run of its own");
  expect(line).toMatchObject({ model: "diabetes", reason: "GATHER=never" });
});

it("ONNX Runtime's telemetry is off before the library is loaded", async () => {
  const app = join(scratch, "app");
  const library = join(app, "node_modules/onnxruntime-node");
  await mkdir(library, { recursive: true });
  const source = join(import.meta.dirname, "../../scoring-app");
  for (const part of ["dist", "model", "package.json"]) {
    await cp(join(source, part), join(app, part), { recursive: true });
  }
  const told = join(scratch, "told");
  const write = `require("node:fs").writeFileSync(${JSON.stringify(told)}, process.env.ORT_DISABLE_TELEMETRY ?? "");`;
  await writeFile(
    join(library, "index.js"),
    `${write} exports.InferenceSession = exports.Tensor = exports.env = {};`,
  );
  const child = spawn(process.execPath, ["dist/main.js"], { cwd: app, env: { PORT: "0" }, stdio: "ignore" });
  await once(child, "exit");
  expect(await readFile(told, "utf8")).toBe("1");
});

describe("SIGTERM", () => {
  it("under load loses no request, and exits 0", async () => {
    const app = await startApp({});
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const results: (number | string)[] = [];
    const client = async () => {
      for (;;) {
        const result = await score(app.url, agent);
        results.push(result);
        if (result !== 200) return;
        if (results.length === 500) app.child.kill("SIGTERM");
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    expect(await app.end()).toBe(0);
    expect(new Set(results)).toEqual(new Set([200, "refused"]));
    expect(results.length).toBeGreaterThan(500);
    agent.destroy();
  });

  it("is not ready at once, answers what is in flight, and says so in the log", async () => {
    const entry = join(scratch, "slow.mjs");
    await writeFile(
      entry,
      `let hold = false; let release;
       export const init = () => {};
       export const run = (data) => data.release ? release("done") : data.hold ? new Promise((r) => { release = r; console.log(JSON.stringify({ message: "holding" })); }) : 1;
       export const sample = {};`,
    );
    const app = await startApp({ AZUREML_ENTRY_SCRIPT: entry });
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const open = connect(Number(new URL(app.url).port), "127.0.0.1");
    const ask = async () => {
      open.write("GET /v2/health/ready HTTP/1.1\r\nhost: x\r\n\r\n");
      const [answer] = await once(open, "data");
      return String(answer);
    };
    expect(await ask()).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: keep-alive/i);
    const held = fetch(`${app.url}/score?hold=true`);
    await app.line("holding");
    app.child.kill("SIGTERM");
    await app.line("stopping");
    // On a connection that was idle when the signal came.
    expect(await ask()).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close/i);
    const second = connect(Number(new URL(app.url).port), "127.0.0.1");
    const refused = await new Promise((resolve) => second.once("error", (error) => resolve(error)));
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    // The held request never ends by itself: the grace time cuts it, and the exit code is still 0.
    void held.catch(() => {});
    expect(await app.end()).toBe(0);
    expect(await app.line("stopped")).toMatchObject({ whole: false });
    kept.destroy();
  }, 20_000);
});

describe("the app does not start, and says why in one line", () => {
  it.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    ["no model", async () => ({ AZUREML_MODEL_DIR: "/nowhere" }), /\/nowhere\/model.onnx does not exist/],
    [
      "not ONNX",
      async () => {
        await writeFile(join(scratch, "model.onnx"), "not a model");
        return { AZUREML_MODEL_DIR: scratch };
      },
      /model.onnx is not an ONNX file/,
    ],
    [
      "an operator set of the future",
      async () => {
        const bytes = await readFile(join(golden("ridge"), "model.onnx"));
        // One more field of the model: opset_import (8) with version (2) 127.
        await writeFile(
          join(scratch, "model.onnx"),
          Buffer.concat([bytes, Buffer.from([0x42, 2, 0x10, 127])]),
        );
        return { AZUREML_MODEL_DIR: scratch };
      },
      /model.onnx: operator set not supported by ONNX Runtime: .*Opset 127/,
    ],
    [
      "a model that computes otherwise than its trainer",
      async () => ({ AZUREML_MODEL_DIR: golden("histogram-categories") }),
      /does not start: model "cities" computes otherwise than "expected".* row \d+, output "label": expected/,
    ],
    [
      "wrong settings, all at once",
      async () => ({ PORT: "x", MAX_ROWS: "0" }),
      /PORT=x: .*; MAX_ROWS=0: expected/,
    ],
    [
      "a port that another has",
      async () => {
        const other = createServer().listen(0);
        await once(other, "listening");
        onTestFinished(() => void other.close());
        return { PORT: String((other.address() as AddressInfo).port) };
      },
      /port \d+ is in use; PORT names another/,
    ],
    [
      "a Node that is too old",
      async () => {
        const older = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.11.0" } })`;
        return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(older)}` };
      },
      /Node 22\.12 or newer is needed; this is 22\.11\.0/,
    ],
    [
      "no entry script",
      async () => ({ AZUREML_ENTRY_SCRIPT: "nope.js" }),
      /entry script nope.js cannot be imported/,
    ],
  ])("%s", async (_, env, message) => {
    const { code, output } = await runToEnd(await env());
    expect(code).toBe(1);
    expect(output.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(output)).toMatchObject({ level: "error", message: expect.stringMatching(message) });
  });
});

it("an uncaught error ends the process with a log line", async () => {
  const entry = join(scratch, "crash.mjs");
  await writeFile(
    entry,
    `export const init = () => {};
     export const run = (data) => { if (data.crash) setImmediate(() => { throw new Error("outside run"); }); return 1; };
     export const sample = {};`,
  );
  const app = await startApp({ AZUREML_ENTRY_SCRIPT: entry });
  await fetch(`${app.url}/score?crash=true`).catch(() => {});
  expect(await app.end()).toBe(1);
  expect(app.lines.at(-1)).toMatchObject({ level: "error", error: "outside run" });
});

it("WORKER_COUNT=2 serves from two processes, adds up their metrics, ends with 0", async () => {
  const app = await startApp({ WORKER_COUNT: "2", PORT: "0" }, 2);
  for (let i = 0; i < 20; i++) {
    const response = await fetch(`${app.url}/score`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: BODY,
    });
    expect(await response.json()).toEqual([expect.closeTo(6783.2888, 1)]);
  }
  const text = await (await fetch(`${app.url}/metrics`)).text();
  expect(text).toContain('scoring_requests_total{route="/score",method="POST",status="200"} 20');
  // Two workers' own samples and the twenty requests.
  expect(text).toContain("scoring_rows_total 22");
  expect(await app.end()).toBe(0);
});
