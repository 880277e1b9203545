import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it, vi } from "vitest";
import { OpenConnections } from "../../scoring-app/src/http/connections.ts";
import { startApp } from "./app.ts";

it("connections on which nothing moves for the limit are closed, others are kept", async () => {
  const connections = new OpenConnections();
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    connections.add(socket, 0);
    accepted.push(socket);
    socket.resume();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const open = async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    await expect.poll(() => accepted.length).toBe(connections.size);
    return socket;
  };
  try {
    const idle = await open();
    const busy = await open();
    connections.closeIdle(100, 100);
    expect(connections.size).toBe(2);
    busy.write("x");
    await expect.poll(() => accepted[1]!.bytesRead).toBe(1);
    const closed = once(idle, "close");
    connections.closeIdle(100, 101);
    await closed;
    await expect.poll(() => connections.size).toBe(1);
    connections.closeIdle(100, 201);
    expect(accepted[1]!.destroyed).toBe(false);
    // A slow reader: Node's timer, which sees the bytes drain, has the say.
    busy.pause();
    accepted[1]!.write(Buffer.alloc(64 * 1024 * 1024));
    for (const now of [202, 400]) connections.closeIdle(100, now);
    expect([accepted[1]!.timeout, accepted[1]!.destroyed]).toEqual([100, false]);
    busy.resume();
    await expect.poll(() => accepted[1]!.writableLength).toBe(0);
    connections.closeIdle(100, 500);
    expect([accepted[1]!.timeout, accepted[1]!.destroyed]).toEqual([0, false]);
    connections.closeIdle(100, 501);
    expect(accepted[1]!.destroyed).toBe(true);
  } finally {
    for (const socket of accepted) socket.destroy();
    server.close();
  }
});

it("the server closes a connection that is idle for longer than it tells, and not before", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  const idle = await startApp();
  try {
    const socket = connect(idle.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    const [answer] = await once(socket, "data");
    const told = Number(/keep-alive: timeout=(\d+)/.exec(String(answer))![1]) * 1000;
    vi.advanceTimersByTime(told);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    vi.advanceTimersByTime(1.5 * told);
    await closed;
  } finally {
    vi.useRealTimers();
    await idle.stop();
  }
});
