/** Frames to and from a Python process; scoring-app/python/scoring_worker/channel.py describes them. */

export const KIND = { prediction: 0, reply: 1, line: 2, ready: 3, failed: 4 } as const;

/** Bytes before a request's id: size, number, length of the id, length of the head. */
const REQUEST_BYTES = 14;
/** Bytes before an answer's head: size, number, kind, microseconds, length of the head. */
const ANSWER_BYTES = 17;
const SIZE_BYTES = 4;

/** @param head JSON, or nothing. */
export function requestFrame(number: number, id: string, head: string, body: Buffer): Buffer {
  const idBytes = Buffer.byteLength(id);
  const headBytes = Buffer.byteLength(head);
  const frame = Buffer.allocUnsafe(REQUEST_BYTES + idBytes + headBytes + body.length);
  frame.writeUInt32BE(frame.length - SIZE_BYTES, 0);
  frame.writeUInt32BE(number, 4);
  frame.writeUInt16BE(idBytes, 8);
  frame.writeUInt32BE(headBytes, 10);
  frame.write(id, REQUEST_BYTES);
  frame.write(head, REQUEST_BYTES + idBytes);
  body.copy(frame, REQUEST_BYTES + idBytes + headBytes);
  return frame;
}

export interface Answer {
  number: number;
  kind: number;
  /** What run() took; 0 where it gave no answer. */
  micros: number;
  /** JSON, or nothing. */
  head: string;
  body: Buffer;
}

/** Makes answers of the bytes that arrive, in pieces of any size. */
export class AnswerReader {
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes that the frame at the front needs. */
  #wanted = SIZE_BYTES;

  *read(chunk: Buffer): Generator<Answer> {
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return;
    const bytes = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    let at = 0;
    this.#wanted = SIZE_BYTES;
    while (bytes.length - at >= SIZE_BYTES) {
      const size = SIZE_BYTES + bytes.readUInt32BE(at);
      if (bytes.length - at < size) {
        this.#wanted = size;
        break;
      }
      yield answerAt(bytes, at, at + size);
      at += size;
    }
    const rest = bytes.subarray(at);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
  }
}

function answerAt(bytes: Buffer, start: number, end: number): Answer {
  const head = start + ANSWER_BYTES;
  const body = head + bytes.readUInt32BE(start + 13);
  return {
    number: bytes.readUInt32BE(start + 4),
    kind: bytes[start + 8]!,
    micros: bytes.readUInt32BE(start + 9),
    head: body > head ? bytes.toString("utf8", head, body) : "",
    body: bytes.subarray(body, end),
  };
}
