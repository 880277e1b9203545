import { connect, type Socket } from "node:net";

/** What came of a load: latencies in ms by status; status 0 is a connection that ended early. */
export type Latencies = Map<number, number[]>;

interface Answer {
  status: number;
  /** Whether the connection takes another request. */
  open: boolean;
}

const EMPTY = Buffer.alloc(0);
const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = "content-length: ";
const LOST: Answer = { status: 0, open: false };

/** A kept-open connection with one request at a time; it does little else, since it shares a core with hundreds. */
class Connection {
  readonly #socket: Socket;
  #data: Buffer = EMPTY;
  #answer: ((answer: Answer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => {}).on("close", () => this.#answer?.(LOST));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => {
        socket.off("error", reject);
        resolve(new Connection(socket));
      });
      socket.once("error", reject);
    });
  }

  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#answer = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#data = this.#data.length === 0 ? chunk : Buffer.concat([this.#data, chunk]);
    const at = this.#data.indexOf(HEAD_END);
    if (at === -1) return;
    const head = this.#data.toString("latin1", 0, at).toLowerCase();
    const length = Number.parseInt(head.slice(head.indexOf(LENGTH) + LENGTH.length), 10);
    if (this.#data.length < at + HEAD_END.length + length) return;
    this.#data = EMPTY;
    this.#answer?.({ status: Number(head.slice(9, 12)), open: !head.includes("\r\nconnection: close") });
  }
}

/**
 * Posts bodies over kept-open connections and tells the latencies of each status apart, which wrk does not. A second in
 * which the connections are made goes before, and is not counted.
 * @param backOff ms that a connection rests after a refusal, and up to half as many more.
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
  const rest = () => backOff * (1 + Math.random() / 2);
  const client = async () => {
    let connection = await Connection.open(port);
    for (let now = performance.now(); now < end; ) {
      const began = now;
      const { status, open } = await connection.send(requests[next++ % requests.length]!);
      now = performance.now();
      if (began > begin) {
        const list = latencies.get(status);
        if (list) list.push(now - began);
        else latencies.set(status, [now - began]);
      }
      if (!open) {
        connection.close();
        connection = await Connection.open(port);
      }
      if (status !== 200 && backOff > 0) await new Promise((resolve) => setTimeout(resolve, rest()));
      if (!open || status !== 200) now = performance.now();
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, client));
  return latencies;
}
