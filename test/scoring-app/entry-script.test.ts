import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { golden, type Json, startApp } from "./app.ts";

const example = (name: string) =>
  fileURLToPath(new URL(`../../scoring-app/examples/${name}`, import.meta.url));

it("example transform.ts: changes request and answer, refuses in its own words", async () => {
  const app = await startApp({ AZUREML_ENTRY_SCRIPT: example("transform.ts") });
  const response = await app.post({ patients: [{ bmi: 0.17 }, {}] }, "/score", { "x-request-id": "r1" });
  expect(await response.json()).toEqual({
    request: "r1",
    patients: [
      { progression: 240, high: true },
      { progression: 152, high: true },
    ],
  });
  const refused = await app.post({ people: [] });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({ message: 'expected {"patients": [{"bmi": 0.06}]}' });
  const swagger = (await (await app.get("/swagger.json?version=3")).json()) as Json;
  expect(swagger.paths["/score"].post.requestBody.content["application/json"].example.patients).toHaveLength(
    1,
  );
  await app.stop();
});

it.each([
  ["script.cjs", "module.exports = { init() {}, run(data) { return data.length; }, sample: [] };"],
  ["script.mjs", "export default { init() {}, run: (data) => data.length, sample: [] };"],
])("a script whose functions Node does not find by name, %s, is one", async (name, text) => {
  const folder = await mkdtemp(join(tmpdir(), "script-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  const app = await startApp({ AZUREML_ENTRY_SCRIPT: join(folder, name) });
  expect(await (await app.post([1, 2])).json()).toBe(2);
  await app.stop();
});

it("run() is given the JSON of a body, also of one that the model itself could read", async () => {
  const app = await startApp(
    {},
    {
      async init({ loadModel }) {
        await loadModel();
      },
      run: (data) => data,
    },
  );
  const body = { data: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] };
  expect(await (await app.post(body)).json()).toEqual(body);
  await app.stop();
});

it("example two-models.js: two models in one app, both under /v2", async () => {
  const app = await startApp({
    AZUREML_ENTRY_SCRIPT: example("two-models.js"),
    AZUREML_MODEL_DIR: golden(""),
  });
  expect(await (await app.post({ model: "classifier", data: [[5.1, 3.5, 1.4, 0.2]] })).json()).toEqual([
    "setosa",
  ]);
  expect(await (await app.post({ model: "regressor", data: [new Array(10).fill(0)] })).json()).toEqual([
    expect.closeTo(152.13, 1),
  ]);
  expect(await (await app.post({}, "/v2/repository/index")).json()).toHaveLength(2);
  expect((await app.post({ model: "other" })).status).toBe(400);
  await app.stop();
});

it("a crash of run() is a 500 with the request id, and the app goes on", async () => {
  let fail = false;
  const app = await startApp(
    {},
    {
      init() {},
      run() {
        if (fail) throw new Error("inner detail");
        return "fine";
      },
      sample: {},
    },
  );
  fail = true;
  const response = await app.post({}, "/score", { "x-request-id": "r2" });
  expect(response.status).toBe(500);
  expect(response.headers.get("x-ms-run-function-failed")).toBe("True");
  const { message } = (await response.json()) as { message: string };
  expect(message).toContain("r2");
  expect(message).not.toContain("inner detail");
  expect(app.lines.find(({ level }) => level === "error")).toMatchObject({
    requestId: "r2",
    error: "inner detail",
  });
  fail = false;
  expect(await (await app.post({})).json()).toBe("fine");
  await app.stop();
});

it("a run() that throws what has no text is a 500 too", async () => {
  let fail = false;
  const run = () => {
    if (fail) throw Object.create(null);
    return 1;
  };
  const app = await startApp({}, { init() {}, run, sample: {} });
  fail = true;
  expect((await app.post({})).status).toBe(500);
  expect(app.lines.find(({ level }) => level === "error")).toMatchObject({ error: "object" });
  await app.stop();
});

it("a run() that takes longer than SCORING_TIMEOUT_MS: 504", async () => {
  let hang = false;
  const entry = { init() {}, run: () => (hang ? new Promise(() => {}) : Promise.resolve(1)), sample: {} };
  const app = await startApp({ SCORING_TIMEOUT_MS: "20" }, entry);
  hang = true;
  const response = await app.post({});
  expect(response.status).toBe(504);
  expect(await response.json()).toEqual({ message: "Scoring timeout after 20 ms" });
  await app.stop();
});

it("a run() with a promise of a library's own is waited for, so long, and its Response is one", async () => {
  let then: PromiseLike<unknown>["then"] = (resolve) => Promise.resolve(1).then(resolve);
  const app = await startApp({ SCORING_TIMEOUT_MS: "20" }, { init() {}, run: () => ({ then }), sample: {} });
  then = (resolve) => Promise.resolve(new Response("made", { status: 201 })).then(resolve);
  const response = await app.post({});
  expect([response.status, await response.text()]).toEqual([201, "made"]);
  then = () => new Promise(() => {});
  expect((await app.post({})).status).toBe(504);
  await app.stop();
});

it("without an entry script, a request that has waited for the model longer than SCORING_TIMEOUT_MS: 504", async () => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden("ridge"), SCORING_TIMEOUT_MS: "20" });
  const [model] = app.assembled.service.models.values();
  const clock = vi.spyOn(performance, "now");
  const waiting = model!.predict([model!.sample]);
  clock.mockReturnValue(performance.now() + 21);
  await expect(waiting).rejects.toMatchObject({ status: 504, message: "Scoring timeout after 20 ms" });
  clock.mockRestore();
  expect((await app.post(app.assembled.service.sample)).status).toBe(200);
  await app.stop();
});

const CYCLE: { self?: unknown } = {};
CYCLE.self = CYCLE;

it("a cycle as the result of run() is a failure of run()", async () => {
  const app = await startApp({}, { init() {}, run: () => CYCLE });
  const response = await app.post({});
  expect(response.status).toBe(500);
  expect(response.headers.get("x-ms-run-function-failed")).toBe("True");
  await app.stop();
});

it("an app that does not score its own sample is never ready", async () => {
  const run = () => {
    throw new Error("not today");
  };
  await expect(startApp({}, { init() {}, run, sample: {} })).rejects.toThrow("not today");
  const create = () => new Response("made", { status: 201 });
  await (await startApp({}, { init() {}, run: create, sample: {} })).stop();
  const refuse = () => new Response("no such model", { status: 500 });
  await expect(startApp({}, { init() {}, run: refuse, sample: {} })).rejects.toThrow(
    "run() does not score its sample: it answers 500, no such model",
  );
});

it("more than MAX_QUEUE requests under way: 429 with Retry-After at once", async () => {
  const release: (() => void)[] = [];
  let hold = false;
  const entry = {
    init() {},
    run: () => (hold ? new Promise<number>((resolve) => release.push(() => resolve(1))) : 1),
    sample: {},
  };
  const app = await startApp({ MAX_QUEUE: "2" }, entry);
  hold = true;
  const accepted = [app.post({}), app.post({})];
  await expect.poll(() => release.length).toBe(2);
  const refused = await app.post({});
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  for (const answer of release) answer();
  expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200]);
  await app.stop();
});

it("a refused client's connection is left unread for a moment, a proxy's is not", async () => {
  let hold = false;
  let release: (() => void) | undefined;
  const run = () => (hold ? new Promise<void>((resolve) => (release = resolve)) : 1);
  const app = await startApp({ MAX_QUEUE: "1" }, { init() {}, run, sample: {} });
  const answers: string[] = [];
  const open = (name: string, headers = "") => {
    const socket = connect(app.port, "127.0.0.1");
    const ask = async (text: string) => {
      socket.write(text);
      answers.push(`${name} ${String((await once(socket, "data"))[0]).slice(9, 12)}`);
    };
    socket.write(`POST /score HTTP/1.1\r\nhost: x\r\n${headers}content-length: 2\r\n\r\n`);
    return {
      socket,
      score: () => ask("{}"),
      ready: () => ask("GET /v2/health/ready HTTP/1.1\r\nhost: x\r\n\r\n"),
    };
  };
  // Its request is taken, and refused when its body comes late.
  const late = open("late", "expect: 100-continue\r\n");
  expect(String((await once(late.socket, "data"))[0])).toMatch(/^HTTP\/1.1 100 /);
  hold = true;
  const accepted = app.post({});
  await expect.poll(() => release).toBeDefined();
  const clients = [late, open("early"), open("proxy", "x-forwarded-for: 10.0.0.1\r\n")];
  for (const client of clients) await client.score();
  await Promise.all(clients.map((client) => client.ready()));
  expect(answers.slice(0, 4)).toEqual(["late 429", "early 429", "proxy 429", "proxy 200"]);
  expect(answers.slice(4).sort()).toEqual(["early 200", "late 200"]);
  for (const { socket } of clients) socket.destroy();
  release!();
  await accepted;
  await app.stop();
});

it("so is that of a client whose request is refused when its whole body is there", async () => {
  const app = await startApp({ MAX_QUEUE: "1" }, { init() {}, run: () => 1, sample: {} });
  const socket = connect(app.port, "127.0.0.1");
  // Both are read in one turn: there is room for each when its head comes, and for one when their bodies are there.
  socket.write("POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}".repeat(2));
  let text = "";
  socket.on("data", (chunk) => (text += chunk));
  const statuses = () => [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status);
  await expect.poll(statuses).toEqual(["200", "429"]);
  socket.write("GET /v2/health/ready HTTP/1.1\r\nhost: x\r\n\r\n");
  expect((await app.get("/v2/health/ready")).status).toBe(200);
  expect(statuses()).toEqual(["200", "429"]);
  await expect.poll(statuses).toEqual(["200", "429", "200"]);
  socket.destroy();
  await app.stop();
});
