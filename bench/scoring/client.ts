import { connect, type Socket } from "node:net";

/** What came of a load: latencies in ms by status; status 0 is a connection that ended early. */
export type Latencies = Map<number, number[]>;

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Posts bodies over kept-open connections, each with one request at a time, and tells the latencies of each status
 * apart, which wrk does not. A second in which the connections are made goes before, and is not counted.
 * @param backOff ms that a connection rests after a refusal.
 */
export async function loadByStatus(
  port: number,
  bodies: string[],
  connections: number,
  seconds: number,
  backOff: number,
): Promise<Latencies> {
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ),
  );
  const latencies: Latencies = new Map();
  const begin = performance.now() + 1000;
  const end = begin + seconds * 1000;
  let next = 0;
  const record = (status: number, ms: number) => {
    const list = latencies.get(status);
    if (list) list.push(ms);
    else latencies.set(status, [ms]);
  };
  const open = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("connect", () => resolve(socket)).once("error", reject);
    });
  /** One request; whether the connection stays open. */
  const once = (socket: Socket) =>
    new Promise<[status: number, open: boolean]>((resolve) => {
      let data: Buffer = Buffer.alloc(0);
      const done = (status: number, kept: boolean) => {
        socket.removeAllListeners();
        socket.on("error", () => {});
        resolve([status, kept]);
      };
      socket.on("data", (chunk) => {
        data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
        const at = data.indexOf(HEAD_END);
        if (at === -1) return;
        const head = data.toString("latin1", 0, at);
        const length = Number(/content-length: (\d+)/i.exec(head)![1]);
        if (data.length < at + 4 + length) return;
        done(Number(head.slice(9, 12)), !/^connection: close/im.test(head));
      });
      socket.on("close", () => done(0, false)).on("error", () => {});
      socket.write(requests[next++ % requests.length]!);
    });
  const client = async () => {
    let socket = await open();
    while (performance.now() < end) {
      const began = performance.now();
      const [status, kept] = await once(socket);
      if (began > begin) record(status, performance.now() - began);
      if (!kept) {
        socket.destroy();
        socket = await open();
      }
      if (status !== 200 && backOff > 0) await new Promise((resolve) => setTimeout(resolve, backOff));
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, client));
  return latencies;
}
