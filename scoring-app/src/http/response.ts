import type { ServerResponse } from "node:http";

let date = "";
/** Until when it is right, as performance.now() tells time. */
let dateEnds = 0;

/** Value of Date (RFC 9110, 6.6.1), made once a second. */
function httpDate(): string {
  const now = performance.now();
  if (now >= dateEnds) {
    const wall = new Date();
    date = wall.toUTCString();
    dateEnds = now + 1000 - wall.getMilliseconds();
  }
  return date;
}

/**
 * Writes a response whole. A plain success on a connection that stays open, nearly every answer, goes to the socket as one
 * text: Node's writeHead checks and searches each header again, which costs a tenth of a request. Any other is left to Node.
 * Of a plain one `headersSent` and `finished` stay false: whoever calls this knows what was sent.
 * @param headers name, value, name, value; with the length of the body. The values are what Node's parser let through
 * or the app's own: no control characters.
 * @param ascii whether the body has one byte a character.
 */
export function writeWhole(
  response: ServerResponse,
  status: number,
  headers: string[],
  body: string | Buffer,
  ascii: boolean,
): void {
  // Null while an earlier request of the connection waits for its answer.
  const { socket } = response;
  const plain = status === 200 && response.shouldKeepAlive && response.req.method !== "HEAD";
  if (plain && ascii && socket?.writable) {
    let text = "HTTP/1.1 200 OK\r\n";
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
    text += `connection: keep-alive\r\ndate: ${httpDate()}\r\n\r\n${body}`;
    // At this event Node's server lets the response go and turns to the connection's next one.
    socket.write(text, "latin1", (error) => {
      if (!error) response.emit("finish");
    });
    return;
  }
  response.writeHead(status, headers);
  // The text needs no second pass to become UTF-8.
  if (ascii) response.end(body, "latin1");
  else response.end(body);
}
