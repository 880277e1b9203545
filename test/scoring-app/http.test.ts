import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type TestApp } from "./app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe("what HTTP allows", () => {
  const send = (lines: string[], body = "", length = body.length) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(app.port, "127.0.0.1", () => {
        socket.end(
          [...lines, "Host: x", "Connection: close", `Content-Length: ${length}`, "", body].join("\r\n"),
        );
      });
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("end", () => resolve(answer)).on("error", reject);
    });

  it("a whole URL as the target, as a proxy sends it", async () => {
    expect(await send(["GET http://x/v2/health/live?a=1 HTTP/1.1"])).toMatch(/^HTTP\/1.1 200 /);
    expect(await send(["GET http://x HTTP/1.1"])).toMatch(/Healthy$/);
  });

  it("100 Continue is sent, but not for a body that is too large", async () => {
    const request = ["POST /score HTTP/1.1", "Expect: 100-continue"];
    expect(await send(request, '{"data": []}')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
    expect(await send(request, "", 99_999_999)).toMatch(/^HTTP\/1.1 413 /);
  });

  it("a body that was not asked for ends the connection, whatever the answer", async () => {
    for (const target of ["GET /", "OPTIONS /score", "GET /v2/health/live"]) {
      const socket = connect(app.port, "127.0.0.1");
      socket.write(
        `${target} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 99999999\r\n\r\n`,
      );
      const answer = String(Buffer.concat(await socket.toArray()));
      expect(answer).toMatch(/^HTTP\/1.1 200 .*\r\nconnection: close\r\n/is);
      expect(answer).not.toMatch(/keep-alive/i);
    }
  });

  it("an expectation that nobody knows is ignored", async () => {
    expect(await send(["POST /score HTTP/1.1", "Expect: miracles"], '{"data": []}')).toMatch(
      /^HTTP\/1.1 200 .*\[\]$/s,
    );
  });
});

describe("connections", () => {
  /** The first answer to these bytes. */
  const answerTo = async (bytes: string) => {
    const socket = connect(app.port, "127.0.0.1");
    socket.write(bytes);
    const answer = String((await once(socket, "data"))[0]);
    socket.destroy();
    return answer;
  };

  it.each([
    ["GET / HTTP/1.1\r\n", 200],
    ["GET /nope HTTP/1.1\r\n", 404],
    ["DELETE /score HTTP/1.1\r\n", 405],
    ["GET /score?data=1 HTTP/1.1\r\n", 400],
    [`GET / HTTP/1.1\r\nx-request-id: ${"x".repeat(101)}\r\n`, 431],
    ["POST /nope HTTP/1.1\r\ncontent-length: 1000\r\n", 404],
  ])("%j: %i, and the connection is kept for longer than a client's default", async (head, status) => {
    const answer = await answerTo(`${head}host: x\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\nconnection: keep-alive\r\n/i);
    expect(answer).toMatch(/\r\nkeep-alive: timeout=245\r\n/i);
  });

  it.each([
    ["a larger refused body", "POST /nope HTTP/1.1\r\ncontent-length: 9999999\r\n"],
    ["a refused body of unknown length", "POST /nope HTTP/1.1\r\ntransfer-encoding: chunked\r\n"],
    ["a client that wants so", "GET / HTTP/1.1\r\nconnection: close\r\n"],
    ["HTTP/1.0", "GET / HTTP/1.0\r\n"],
  ])("%s: the connection ends", async (_, head) => {
    const answer = await answerTo(`${head}host: x\r\n\r\n`);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).not.toMatch(/keep-alive/i);
  });

  it("a client that goes away between a request's head and its body leaves nothing under way", async () => {
    const { admission } = app.assembled.service;
    const socket = connect(app.port, "127.0.0.1");
    socket.write('POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"data"');
    await expect.poll(() => admission.bytes).toBe(7);
    socket.destroy();
    await expect.poll(() => admission.bytes).toBe(0);
    expect(admission.pending).toBe(0);
  });

  it("nor does one that goes away in the turn in which its whole request is read", async () => {
    const { admission } = app.assembled.service;
    for (let i = 0; i < 50; i++) {
      const socket = connect(app.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write('POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{"data": []}');
      socket.resetAndDestroy();
    }
    expect((await app.get("/")).status).toBe(200);
    expect([admission.bytes, admission.pending]).toEqual([0, 0]);
  });

  it("a body above Node's high-water mark arrives whole", async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => new Array(10).fill(row / 7));
    const response = await app.post({ data: rows });
    expect(((await response.json()) as unknown[]).length).toBe(3000);
  });
});

const LAST = "GET /v2/health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/** The answers to these pieces; the server has had its turn between two of them. A last request ends the connection. */
async function conversation(pieces: string[]): Promise<string> {
  const socket = connect({ port: app.port, host: "127.0.0.1", noDelay: true });
  const answers = socket.toArray();
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
    await app.get("/v2/health/live");
  }
  socket.write(LAST);
  const text = Buffer.concat(await answers).toString("latin1");
  return text.slice(0, text.lastIndexOf("HTTP/1.1 "));
}

const HEAD = "POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
const BODY = '{"data": [[1,2,3,4,5,6,7,8,9,10]]}';
const WHOLE = `${HEAD}content-length: ${BODY.length}\r\n\r\n${BODY}`;
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

describe("a body gives the same answer however it arrives", () => {
  it.each([
    ["with its head", [WHOLE]],
    ["after its head", [WHOLE.slice(0, -BODY.length), BODY]],
    ["cut in two", [WHOLE.slice(0, -9), WHOLE.slice(-9)]],
    ["cut in two after its head", [WHOLE.slice(0, -BODY.length), BODY.slice(0, 9), BODY.slice(9)]],
    ["in one chunk", [CHUNKED + chunk(BODY) + chunk("")]],
    ["in two chunks", [CHUNKED + chunk(BODY.slice(0, 9)) + chunk(BODY.slice(9)) + chunk("")]],
    ["in chunks of their own", [CHUNKED, chunk(BODY.slice(0, 9)), chunk(BODY.slice(9)), chunk("")]],
  ])("%s", async (_, pieces) => {
    expect(await conversation(pieces)).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n\[6783.28906\]$/s);
  });
});

describe("answers", () => {
  it("of pipelined requests come in order, each with its own id, and nothing between", async () => {
    const requests = [
      WHOLE.replace("\r\n", "\r\nx-request-id: a\r\n"),
      "GET / HTTP/1.1\r\nhost: x\r\nx-request-id: b\r\n\r\n",
      "HEAD / HTTP/1.1\r\nhost: x\r\nx-request-id: c\r\n\r\n",
      WHOLE.replace("10]]", "]]")
        .replace("\r\n", "\r\nx-request-id: d\r\n")
        .replace(`: ${BODY.length}`, ": 32"),
      WHOLE.replace("\r\n", "\r\nx-request-id: e\r\n"),
      "GET /nope HTTP/1.1\r\nhost: x\r\nx-request-id: f\r\n\r\n",
    ];
    const answers = (await conversation([requests.join("")])).split(/(?=HTTP\/1.1 )/);
    expect(
      answers.map((answer) => {
        const [head, body] = answer.split("\r\n\r\n") as [string, string];
        return [head.slice(9, 12), /x-request-id: (.*)/.exec(head)![1], body.slice(0, 30)].join(" ");
      }),
    ).toEqual([
      "200 a [6783.28906]",
      "200 b Healthy",
      "200 c ",
      '400 d {"message": "the body is not J',
      "200 e [6783.28906]",
      '404 f {"message": "/nope is not ther',
    ]);
  });

  it("have the headers of HTTP, each once", async () => {
    const names = (answer: string) =>
      [...answer.split("\r\n\r\n")[0]!.matchAll(/\r\n([^:]+): /g)]
        .map(([, name]) => name!.toLowerCase())
        .sort();
    const answer = await conversation([WHOLE]);
    // The second of two is there while the first waits.
    const second = (await conversation([WHOLE + WHOLE])).split(/(?=HTTP\/1.1 )/)[1]!;
    expect(names(answer)).toEqual(names(second));
    expect(new Set(names(answer)).size).toBe(names(answer).length);
    expect(answer).toMatch(/\r\ncontent-length: 12\r\n/);
    const date = /\r\ndate: (.*)\r\n/i.exec(answer)![1]!;
    expect(new Date(date).toUTCString()).toBe(date);
    expect(Math.abs(Date.now() - Date.parse(date))).toBeLessThan(60_000);
  });

  it("to HEAD have the headers of GET's and no body", async () => {
    const [head, body] = (await conversation(["HEAD / HTTP/1.1\r\nhost: x\r\n\r\n"])).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1.1 200 .*\r\ncontent-length: 7\r\n/s);
    expect(body).toBe("");
  });

  it("are sent once, also where counting them fails", async () => {
    const metrics = app.assembled.metrics!;
    const { onAnswered } = metrics;
    metrics.onAnswered = () => {
      throw new Error("counting");
    };
    try {
      expect((await conversation([WHOLE])).match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
    } finally {
      metrics.onAnswered = onAnswered;
    }
  });

  it("pass bytes beyond ASCII of an id on as they came", async () => {
    const answer = await conversation([WHOLE.replace("\r\n", "\r\nx-request-id: \u00e9\u00ff\r\n")]);
    expect(answer).toMatch(/\r\nx-request-id: \u00e9\u00ff\r\n/);
  });

  it("do so too where their text has characters beyond ASCII", async () => {
    const body = '{"data": "\u00c3\u00a9"}';
    const head = HEAD.replace("\r\n", "\r\nx-request-id: \u00e9\u00ff\r\n");
    const answer = await conversation([`${head}content-length: ${body.length}\r\n\r\n${body}`]);
    expect(answer).toMatch(/\r\nx-request-id: \u00e9\u00ff\r\n/);
    expect(answer).toMatch(/given \\"\u00c3\u00a9\\""}$/);
  });

  it("that nobody reads keep further requests of their connection waiting", async () => {
    const many = 4000;
    const served = async () => {
      const metrics = await (await app.get("/metrics")).text();
      return Number(
        /scoring_requests_total\{route="\/swagger.json",method="GET",status="200"\} (\d+)/.exec(metrics)?.[1],
      );
    };
    const socket = connect(app.port, "127.0.0.1");
    socket.pause();
    socket.write("GET /swagger.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(many));
    let last = 0;
    await expect
      .poll(
        async () => {
          const before = last;
          last = await served();
          return last > 0 && last === before;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
    expect(last).toBeLessThan(many);
    socket.resume();
    await expect.poll(served, { timeout: 20_000 }).toBe(many);
    socket.destroy();
  }, 50_000);
});
