import type { ServerResponse } from "node:http";

/** A header as it stands in a response. The value has no line break: Node's parser let it through, or it is the app's own. */
export const headerLine = (name: string, value: string) => `${name}: ${value}\r\n`;

/** Of header lines, as Node's writeHead takes them: name, value, name, value. */
function namesAndValues(head: string): string[] {
  const lines = head.split("\r\n").slice(0, -1);
  return lines.flatMap((line) => {
    const colon = line.indexOf(": ");
    if (colon === -1) throw new Error(`a header has a line break: ${line}`);
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
}

let end = "";
/** Until when it is right, as performance.now() tells time. */
let endsAt = 0;

/** What Node adds to the headers of a response that leaves its connection open: Date (RFC 9110, 6.6.1) is made once a second. */
function headEnd(now: number): string {
  if (now >= endsAt) {
    const wall = new Date();
    end = `${headerLine("connection", "keep-alive")}${headerLine("date", wall.toUTCString())}\r\n`;
    endsAt = now + 1000 - wall.getMilliseconds();
  }
  return end;
}

/**
 * Writes a response whole. A plain success on a connection that stays open, nearly every answer, goes to the socket as one
 * text: Node's writeHead checks and searches each header again, which costs a tenth of a request. Any other is left to Node.
 * Of a plain one `headersSent` and `finished` stay false: whoever calls this knows what was sent.
 * @param head header lines; with the length of the body.
 * @param ascii whether the body has one byte a character.
 * @param now as performance.now() tells it.
 */
export function writeWhole(
  response: ServerResponse,
  status: number,
  head: string,
  body: string | Buffer,
  ascii: boolean,
  now: number,
): void {
  // Null while an earlier request of the connection waits for its answer.
  const { socket } = response;
  const plain = status === 200 && response.shouldKeepAlive && response.req.method !== "HEAD";
  if (plain && ascii && socket?.writable) {
    // At this event Node's server lets the response go and turns to the connection's next one.
    socket.write(`HTTP/1.1 200 OK\r\n${head}${headEnd(now)}${body}`, "latin1", (error) => {
      if (!error) response.emit("finish");
    });
    return;
  }
  response.writeHead(status, namesAndValues(head));
  // The text needs no second pass to become UTF-8.
  if (ascii) response.end(body, "latin1");
  else response.end(body);
}
