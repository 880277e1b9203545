import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { runToEnd } from "../process.ts";
import { execute, score, script, startInTest, until } from "./servers.ts";

describe("a script may", () => {
  it("answer with a header or a status that HTTP does not have: that request fails, and no other", async () => {
    const server = await startInTest("raw.py");
    for (const what of ["lines", "beyond", "status"]) {
      const answer = await fetch(`${server.url}/score?do=${what}`);
      expect([answer.status, answer.headers.get("x-ms-run-function-failed")]).toEqual([500, "True"]);
    }
    expect((await fetch(`${server.url}/score?do=value`)).status).toBe(200);
  });

  it("close, detach or replace its streams: it goes on, and a traceback is in the log", async () => {
    const server = await startInTest("text.py");
    const printed = () =>
      server.lines.flatMap(({ message }) =>
        /^(one|two|ValueError.*)$/.test(String(message)) ? message : [],
      );
    expect(await execute(server, "import sys; sys.stdout.close(); print('one'); result = 1")).toBe(1);
    const detach =
      "import codecs, sys; sys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach()); print('two')";
    expect(await execute(server, `${detach}; result = 2`)).toBe(2);
    const replace =
      "import sys; sys.stderr = open('/dev/null', 'w'); sys.stderr.close(); raise ValueError('three')";
    expect(await execute(server, replace)).toBe(500);
    expect(await execute(server, "result = 4")).toBe(4);
    await until(() => printed().length === 3);
    expect(printed()).toEqual(["one", "two", "ValueError: three"]);
  });

  it("spawn processes with multiprocessing, as joblib does", async () => {
    const server = await startInTest("text.py");
    const code =
      "import multiprocessing as m\nwith m.get_context('spawn').Pool(1) as p: result = p.map(abs, [-1])";
    expect(await execute(server, code)).toEqual([1]);
  });

  it("fork: the other process keeps off the channel, and what it prints is in the log", async () => {
    const server = await startInTest("text.py");
    const code = [
      "import multiprocessing as m",
      "def work(letter): [print(letter * 3000) for _ in range(1000)]",
      "others = [m.get_context('fork').Process(target=work, args=('c',)) for _ in range(2)]",
      "[other.start() for other in others]; work('p'); [other.join() for other in others]",
      "result = 'z' * 1_000_000",
    ].join("\n");
    expect(await execute(server, code)).toHaveLength(1_000_000);
    const told = (letter: string) =>
      server.lines.filter(({ message }) => message === letter.repeat(3000)).length;
    await until(() => told("c") === 2000);
    expect(told("p")).toBe(1000);
    const returned = "import os; result = os.fork() > 0";
    expect(await execute(server, returned)).toBe(true);
    for (let time = 0; time < 5; time++) expect(await execute(server, "result = 1")).toBe(1);
  });
});

describe("a script that cannot be served: the app does not start, and the log has Python's own traceback", () => {
  it.each([
    [
      "broken_import.py",
      "cannot be imported: ModuleNotFoundError: No module named 'a_module_that_nobody_has'; name its package in the environment, or put the module beside the script",
      true,
    ],
    ["broken_init.py", "init() of", true],
    ["killed.py", "ended before it was ready: signal SIGKILL, as where there is not enough memory", false],
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
    const own = () => server.lines.filter(({ requestId }) => requestId === "mine");
    await until(() => own().length >= 5);
    expect(own().map(({ stream, message }) => `${stream}: ${message}`)).toEqual([
      "stdout: printed é",
      "stdout: second line",
      "stderr: and to stderr",
      "stderr: WARNING:root:logged é",
      "stderr: second line",
    ]);
    expect(server.lines).toContainEqual(
      expect.objectContaining({ message: "init() of text.py", stream: "stdout" }),
    );
  });

  it("has what a logger of any level says, though it has no handler, and Azure ML's own logger from INFO", async () => {
    const server = await startInTest("text.py");
    const code = [
      "import logging",
      "own = logging.getLogger('own'); own.setLevel(logging.DEBUG)",
      "own.debug('1'); logging.info('not shown'); logging.getLogger('azmlinfsrv').info('2')",
      "result = 1",
    ].join("\n");
    expect(await execute(server, code)).toBe(1);
    const told = () =>
      server.lines.flatMap(({ message }) => /(own|azmlinfsrv|root):/.exec(String(message))?.input ?? []);
    await until(() => told().length === 2);
    expect(told()).toEqual(["DEBUG:own:1", "INFO:azmlinfsrv:2"]);
  });

  it("has the traceback of a run() that raises, from the script on", async () => {
    const server = await startInTest("text.py");
    await score(server, { do: "raise" }, { "x-request-id": "mine" });
    const own = () =>
      server.lines.flatMap(({ requestId, stream, message }) =>
        requestId === "mine" && stream === "stderr" ? [String(message)] : [],
      );
    await until(() => own().at(-1) === "ValueError: as asked");
    expect(own()[0]).toBe("Traceback (most recent call last):");
    expect(own()[1]).toContain("text.py");
  });
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

  it("its own swagger files served, as under Azure ML's server", async () => {
    const root = await mkdtemp(join(tmpdir(), "root-"));
    onTestFinished(() => rm(root, { recursive: true }));
    await copyFile(script("text.py"), join(root, "score.py"));
    const environment = { AML_APP_ROOT: root, AZUREML_ENTRY_SCRIPT: "score.py" };
    await writeFile(join(root, "swagger2.json"), '{"swagger": "two"}');
    await writeFile(join(root, "swagger3.json"), "no JSON");
    expect((await runToEnd(environment)).output).toContain("swagger3.json cannot be read as JSON");
    await writeFile(join(root, "swagger3.json"), '{"openapi": "三"}');
    const server = await startInTest("text.py", environment);
    const document = async (query: string) => (await fetch(`${server.url}/swagger.json${query}`)).json();
    for (const query of ["", "?version=2.0"]) expect(await document(query)).toEqual({ swagger: "two" });
    expect(await document("?version=3")).toEqual({ openapi: "三" });
    expect(await document("?version=3.1")).toHaveProperty("message");
    await writeFile(join(root, "swagger.json"), '{"swagger": "first"}');
    await writeFile(join(root, "swagger2.json"), "no JSON, and not read");
    const other = await startInTest("text.py", environment);
    expect(await (await fetch(`${other.url}/swagger.json`)).json()).toEqual({ swagger: "first" });
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
    const told = server.lines.filter(({ message }) =>
      String(message).startsWith("model data is not collected"),
    );
    expect(told).toHaveLength(1);
  });
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
