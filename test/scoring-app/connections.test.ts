import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import type { Listener } from "../../scoring-app/src/http/app.ts";
import { Holds, LONGEST_HOLD_MS } from "../../scoring-app/src/http/holds.ts";
import { idleTimeout } from "../../scoring-app/src/http/idle.ts";
import { createScoringServer } from "../../scoring-app/src/http/server.ts";
import { drainServer } from "../../scoring-app/src/http/shutdown.ts";
import { readSettings } from "../../scoring-app/src/settings.ts";

let server: Server;
let port: number;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
  server?.closeAllConnections();
});

it("refused connections are read again one after another: the more they send, the later, within Retry-After", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  try {
    const holds = new Holds();
    const read: [string, number][] = [];
    const hold = (name: string, length: number) => {
      const resume = () => read.push([name, Math.round(performance.now())]);
      const ownConnection = { pause() {}, resume } as unknown as Socket;
      const request = { closed: true, headers: { "content-length": String(length) } } as IncomingMessage;
      holds.hold({ ownConnection, request });
    };
    vi.advanceTimersByTime(1000);
    for (const name of ["a", "b", "c"]) hold(name, 500_000);
    vi.advanceTimersByTime(1000);
    expect(read.splice(0)).toEqual([
      ["a", 1200],
      ["b", 1210],
      ["c", 1220],
    ]);
    for (let i = 0; i < 500; i++) hold("many", 1_000_000);
    vi.advanceTimersByTime(2000);
    expect(read).toHaveLength(500);
    expect(read[0]![1]).toBe(2200);
    expect(read.at(-1)![1]).toBe(2900);
  } finally {
    vi.useRealTimers();
  }
});

async function listen(app: Listener): Promise<void> {
  server = createScoringServer(readSettings({}), app).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
}

function open(): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/** The answer to a request on this connection. */
async function ask(socket: Socket, request = GET): Promise<string> {
  socket.write(request);
  return String((await once(socket, "data"))[0]);
}

it("connections on which nothing moves for the limit are closed, others are kept", async () => {
  await listen((request, response) => {
    response.end(request.url === "/large" ? Buffer.alloc(64 * 1024 * 1024) : "small");
  });
  const limit = idleTimeout(readSettings({}));
  expect(server.timeout).toBe(limit);
  // The same server, but in a hurry.
  server.timeout = 400;
  const closed = { silent: false, answered: false, notReading: false, busy: false, slow: false };
  const watched = (name: keyof typeof closed) =>
    open().once("close", () => {
      closed[name] = true;
    });
  watched("silent").resume();
  await ask(watched("answered"));
  const notReading = watched("notReading");
  notReading.write(GET.replace("/", "/large"));
  notReading.pause();
  const busy = watched("busy");
  const slow = watched("slow");
  slow.write(GET.replace("/", "/large"));
  slow.pause();
  for (let i = 0; i < 10; i++) {
    await ask(busy);
    slow.read();
    await delay(100);
  }
  // Its end is seen by a client that reads.
  notReading.resume();
  await expect
    .poll(() => closed)
    .toEqual({ silent: true, answered: true, notReading: true, busy: false, slow: false });
});

it.each([
  ["a request", GET],
  ["one that expects 100 Continue", GET.replace("GET", "PUT").replace("x", "x\r\nexpect: 100-continue")],
  ["one that expects what nobody knows", GET.replace("x", "x\r\nexpect: miracles")],
])("while the server drains, an idle connection's next %s is answered, and then it ends", async (_, last) => {
  await listen((_, response) => response.end("answer"));
  const socket = open();
  expect(await ask(socket)).toMatch(/^HTTP\/1.1 200 .*\r\nconnection: keep-alive\r\n/is);
  const drained = drainServer(server, 10_000);
  const [refusal] = await once(open(), "error");
  expect(refusal).toMatchObject({ code: "ECONNREFUSED" });
  socket.write(last);
  const answer = String(Buffer.concat(await socket.toArray()));
  expect(answer).toMatch(/HTTP\/1.1 200 .*\r\nconnection: close\r\n.*answer/is);
  expect(await drained).toBe(true);
});

it("a drained server does not wait for idle connections, and cuts what is not answered in the grace time", async () => {
  await listen((request, response) => {
    if (request.url !== "/never") response.end("answer");
  });
  const idle = open();
  await ask(idle);
  const never = open();
  never.write(GET.replace("/", "/never"));
  await once(server, "request");
  const closed = once(idle, "close");
  const drained = drainServer(server, 3000);
  const began = performance.now();
  await closed;
  expect(performance.now() - began).toBeGreaterThan(LONGEST_HOLD_MS);
  expect(performance.now() - began).toBeLessThan(2500);
  expect(await drained).toBe(false);
});
