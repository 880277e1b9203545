import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { runToEnd } from "../process.ts";
import { type Server, script, startInTest } from "./servers.ts";

const score = (server: Server, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/score`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** Lines of the app's log. */
const lines = (server: Server): Record<string, unknown>[] =>
  server.output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));

/** Polls what a process answers: it tells nobody else when it is ready again. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
const ready = async (server: Server) => (await fetch(`${server.url}/v2/health/ready`)).ok;

describe("a run() that is late", () => {
  it("is answered as by Azure ML's server, its neighbours with 503, and a new process serves", async () => {
    const server = await startInTest("text.py", { SCORING_TIMEOUT_MS: "700" });
    const late = score(server, { do: "late" });
    // Behind it: health and metrics do not wait for run().
    await until(async () =>
      /scoring_queue_requests 1/.test(await (await fetch(`${server.url}/metrics`)).text()),
    );
    const neighbour = score(server, { a: 1 });
    expect(await ready(server)).toBe(true);
    const answer = await late;
    expect(answer.status).toBe(500);
    expect(answer.headers.get("x-ms-run-function-failed")).toBe("True");
    expect(await answer.text()).toBe('{"message": "Scoring timeout after 700 ms"}');
    const behind = await neighbour;
    expect(behind.status).toBe(503);
    expect(behind.headers.get("retry-after")).toBe("1");
    await until(() => ready(server));
    expect(await (await score(server, { a: 1 })).json()).toEqual({ a: 1 });
  });

  it("may be late again and again: the app goes on", async () => {
    const server = await startInTest("text.py", { SCORING_TIMEOUT_MS: "300" });
    for (let time = 0; time < 4; time++) {
      expect((await score(server, { do: "late" })).status).toBe(500);
      await until(() => ready(server));
    }
    expect((await score(server, { a: 1 })).status).toBe(200);
  });
});

describe("a process that dies", () => {
  it("costs the requests in flight a 503, and a new one serves", async () => {
    const server = await startInTest("text.py");
    const answers = await Promise.all([{ do: "die" }, { a: 1 }, { a: 2 }].map((body) => score(server, body)));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    await until(() => ready(server));
    expect((await score(server, { a: 1 })).status).toBe(200);
    expect(lines(server)).toContainEqual(
      expect.objectContaining({ level: "error", how: expect.stringMatching(/^exit code 5/) }),
    );
  });

  it("is replaced though a process that it has started lives on, and holds its streams", async () => {
    const server = await startInTest("text.py");
    expect((await score(server, { do: "fork" })).status).toBe(503);
    await until(() => ready(server));
    expect((await score(server, { a: 1 })).status).toBe(200);
  });

  it("three times in a row ends the app with its last words", async () => {
    const server = await startInTest("dies.py");
    const ended = new Promise((resolve) => server.child.once("close", resolve));
    for (let time = 0; time < 3; time++) {
      await until(() => ready(server));
      await score(server, {}).catch(() => {});
    }
    expect(await ended).toBe(1);
    expect(lines(server).at(-1)).toMatchObject({
      level: "error",
      message: expect.stringMatching(/ended 3 times in a row: exit code 7; its last words: .*the last words/),
    });
  });
});

describe("a script that cannot be served: the app does not start, and the log has Python's own traceback", () => {
  it.each([
    [
      "broken_import.py",
      "cannot be imported: ModuleNotFoundError: No module named 'a_module_that_nobody_has'",
      true,
    ],
    ["broken_init.py", "init() of", true],
    ["no_run.py", "does not have a run() function defined.", false],
    ["not_there.py", "cannot be imported: FileNotFoundError", false],
  ])("%s", async (name, message, traced) => {
    const { code, output } = await runToEnd({ AZUREML_ENTRY_SCRIPT: script(name) });
    expect(code).toBe(1);
    const told = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).message as string);
    expect(told.at(-1)).toContain(`the app does not start: `);
    expect(told.at(-1)).toContain(message);
    expect(told.includes("Traceback (most recent call last):")).toBe(traced);
    if (name === "broken_init.py") expect(told).toContain('    raise RuntimeError("no model here")');
  });

  it("an interpreter that is not there is named, with the remedy", async () => {
    const { code, output } = await runToEnd({
      AZUREML_ENTRY_SCRIPT: script("text.py"),
      PYTHON: "python2.99",
    });
    expect(code).toBe(1);
    expect(output).toContain("PYTHON=python2.99 cannot be started");
    expect(output).toContain("install Python 3.8 or newer, or name another interpreter");
  });
});

describe("the log", () => {
  it("has what run() prints and logs, with the request's id", async () => {
    const server = await startInTest("text.py");
    await score(server, { do: "print", text: "é\nsecond line" }, { "x-request-id": "mine" });
    const own = () => lines(server).filter(({ requestId }) => requestId === "mine");
    await until(() => own().length >= 5);
    expect(own().map(({ stream, message }) => `${stream}: ${message}`)).toEqual([
      "stdout: printed é",
      "stdout: second line",
      "stderr: and to stderr",
      "stderr: WARNING:root:logged é",
      "stderr: second line",
    ]);
    expect(lines(server)).toContainEqual(
      expect.objectContaining({ message: "init() of text.py", stream: "stdout" }),
    );
  });

  it("has the traceback of a run() that raises, from the script on", async () => {
    const server = await startInTest("text.py");
    await score(server, { do: "raise" }, { "x-request-id": "mine" });
    const own = () =>
      lines(server).flatMap(({ requestId, stream, message }) =>
        requestId === "mine" && stream === "stderr" ? [String(message)] : [],
      );
    await until(() => own().at(-1) === "ValueError: as asked");
    expect(own()[0]).toBe("Traceback (most recent call last):");
    expect(own()[1]).toContain("text.py");
  });
});

it("SIGTERM under load loses no request, and leaves no process", async () => {
  const server = await startInTest("text.py");
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const results: (number | string)[] = [];
  const once = () =>
    new Promise<number | string>((resolve) => {
      const sent = request(`${server.url}/score`, { method: "POST", agent }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode!));
      });
      sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
      sent.end("{}");
    });
  const client = async () => {
    for (;;) {
      const result = await once();
      results.push(result);
      if (result !== 200) return;
      if (results.length === 300) server.child.kill("SIGTERM");
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  await server.stop();
  expect(server.child.exitCode).toBe(0);
  expect(new Set(results)).toEqual(new Set([200, "ECONNREFUSED"]));
  // The group of the app has no member any more.
  expect(() => process.kill(-server.child.pid!, 0)).toThrow("ESRCH");
});

describe("what a script finds", () => {
  it("working folder, search path and environment as under Azure ML's server", async () => {
    const server = await startInTest("text.py", { AZUREML_MODEL_DIR: "/models" });
    const folder = join(script("."));
    expect(await (await score(server, { do: "paths" })).json()).toEqual({
      cwd: folder.replace(/\/$/, ""),
      first: folder.replace(/\/$/, ""),
      last: folder.replace(/\/$/, ""),
      greeting: "initialised",
    });
    const names = ["AZUREML_MODEL_DIR", "AML_APP_ROOT", "AZUREML_ENTRY_SCRIPT"];
    expect(await (await score(server, { do: "environment", names })).json()).toEqual({
      AZUREML_MODEL_DIR: "/models",
      AML_APP_ROOT: folder.replace(/\/$/, ""),
      AZUREML_ENTRY_SCRIPT: script("text.py"),
    });
  });

  it("Azure ML's modules, though they are not installed", async () => {
    const models = await mkdtemp(join(tmpdir(), "models-"));
    onTestFinished(() => rm(models, { recursive: true }));
    await mkdir(join(models, "versioned/9"), { recursive: true });
    await mkdir(join(models, "versioned/10"), { recursive: true });
    await writeFile(join(models, "versioned/10/model.pkl"), "");
    await writeFile(join(models, "plain.pkl"), "");
    const server = await startInTest("azureml_modules.py", { AZUREML_MODEL_DIR: models });
    const path = async (name: string) =>
      (await fetch(`${server.url}/score`, { method: "POST", body: name })).json();
    expect(await path("versioned")).toEqual({ path: join(models, "versioned/10/model.pkl") });
    expect(await path("plain")).toEqual({ path: join(models, "plain.pkl") });
    expect(await path("other")).toEqual({
      error: `model 'other' is not in ${models}, which has plain.pkl, versioned`,
    });
    const told = lines(server).filter(({ message }) =>
      String(message).startsWith("model data is not collected"),
    );
    expect(told).toHaveLength(1);
  });
});

it("the script's time counts as the queue's, though the event loop rests: beyond MAX_QUEUE_MS requests are refused", async () => {
  const server = await startInTest("text.py", { MAX_QUEUE_MS: "200" });
  const body = { do: "sleep", seconds: 0.05 };
  const statuses: number[] = [];
  const client = async () => {
    while (!statuses.includes(429)) statuses.push((await score(server, body)).status);
  };
  await Promise.all(Array.from({ length: 32 }, client));
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
});

it("a gzip body arrives inflated, and no header says otherwise", async () => {
  const server = await startInTest("raw.py");
  const body = gzipSync('{"a": 1}');
  const headers = { "content-type": "application/json", "content-encoding": "gzip", "x-mine": "me" };
  const answer = await fetch(`${server.url}/score`, { method: "POST", headers, body });
  expect(await answer.json()).toMatchObject({ json: { a: 1 }, length: "8", encoding: null });
});

it("run() is called once a request", async () => {
  const server = await startInTest("text.py");
  const body = { do: "sleep", seconds: 0 };
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await (await score(server, body)).json()) as number),
  );
  expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

it("each worker of WORKER_COUNT has a process of its own", async () => {
  const server = await startInTest("text.py", { WORKER_COUNT: "2" });
  await until(() => lines(server).filter(({ message }) => message === "init() of text.py").length === 2);
  expect((await score(server, { a: 1 })).status).toBe(200);
});
