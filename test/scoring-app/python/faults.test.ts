import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { spawnApp } from "../process.ts";
import { processes } from "../processes.ts";
import { execute, ready, score, settingsOf, startInTest, until } from "./servers.ts";

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
    expect(server.lines).toContainEqual(
      expect.objectContaining({ level: "error", how: expect.stringMatching(/^exit code 5/) }),
    );
  });

  it("is replaced though a process that it has started lives on, and holds its streams", async () => {
    const server = await startInTest("text.py");
    expect((await score(server, { do: "fork" })).status).toBe(503);
    await until(() => ready(server));
    expect((await score(server, { a: 1 })).status).toBe(200);
  });

  it("is replaced though it only closes its channel, and threads keep it", async () => {
    const server = await startInTest("text.py");
    const code =
      "import os, threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); os.close(3)";
    expect(await execute(server, code)).toBe(503);
    await until(() => ready(server));
    expect(await execute(server, "result = 1")).toBe(1);
  });

  it("three times in a row ends the app with its last words", async () => {
    const server = await startInTest("dies.py");
    const ended = new Promise((resolve) => server.child.once("close", resolve));
    for (let time = 0; time < 3; time++) {
      await until(() => ready(server));
      await score(server, {}).catch(() => {});
    }
    expect(await ended).toBe(1);
    expect(server.lines.at(-1)).toMatchObject({
      level: "error",
      message: expect.stringMatching(/ended 3 times in a row: exit code 7; its last words: .*the last words/),
    });
    expect(server.lines.filter(({ message }) => /is started again/.test(String(message)))).toHaveLength(2);
  });
});

it("an answer does not wait for the run() behind it", async () => {
  const server = await startInTest("text.py");
  const slow = "import time; time.sleep(0.6); result = time.monotonic()";
  // Two requests wait while the first runs: they are the worker's next turn.
  const ends = await Promise.all(
    Array.from({ length: 3 }, async () => {
      await execute(server, slow);
      return performance.now();
    }),
  );
  const [first, second, third] = ends.toSorted((a, b) => a - b);
  expect(second! - first!).toBeGreaterThan(300);
  expect(third! - second!).toBeGreaterThan(300);
});

/** Whether a process of the group runs. */
const isThere = (itsGroup: number) =>
  processes().some(({ group, state }) => group === itsGroup && state !== "Z");

it("SIGTERM under load loses no request, and leaves no process", async () => {
  const server = await startInTest("text.py");
  const group = (await execute(server, "import os; result = os.getpgrp()")) as number;
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
  expect(await server.end()).toBe(0);
  expect(new Set(results)).toEqual(new Set([200, "ECONNREFUSED"]));
  await until(() => !isThere(group));
});

it("SIGTERM to all processes loses no request, either", async () => {
  const server = await startInTest("text.py");
  const group = (await execute(server, "import os; result = os.getpgrp()")) as number;
  const answer = score(server, { do: "sleep", seconds: 1 });
  await until(async () =>
    /scoring_queue_requests 1/.test(await (await fetch(`${server.url}/metrics`)).text()),
  );
  process.kill(-group, "SIGTERM");
  process.kill(-server.child.pid!, "SIGTERM");
  expect((await answer).status).toBe(200);
  expect(await server.end()).toBe(0);
});

it("what a script has started ends with its process, and with the app", async () => {
  const server = await startInTest("text.py");
  const pool = async () => {
    const code =
      "import builtins, multiprocessing, os; builtins.pool = multiprocessing.get_context('fork').Pool(2); result = os.getpgrp()";
    return (await execute(server, code)) as number;
  };
  const first = await pool();
  expect(isThere(first)).toBe(true);
  expect((await score(server, { do: "die" })).status).toBe(503);
  await until(() => !isThere(first));
  await until(() => ready(server));
  const second = await pool();
  process.kill(-server.child.pid!, "SIGTERM");
  expect(await server.end()).toBe(0);
  await until(() => !isThere(second));
});

it("SIGTERM while init() runs ends the app, and the script's process", async () => {
  const app = spawnApp(settingsOf("slow_init.py"));
  const { message } = await app.line(/^init\(\) listens on/);
  const socket = connect(Number(String(message).split(" ").at(-1)), "127.0.0.1");
  await once(socket, "connect");
  // The connection ends with the script's process, reset or closed.
  const ended = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
  expect(await app.end()).toBe(0);
  expect(app.lines.at(-1)).toMatchObject({ message: "stopped" });
  await ended;
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

it("each worker of WORKER_COUNT has a process of its own", async () => {
  const server = await startInTest("text.py", { WORKER_COUNT: "2" }, 2);
  await server.line("init() of text.py", 2);
  expect((await score(server, { a: 1 })).status).toBe(200);
});
