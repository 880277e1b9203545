"""Frames between the scoring app and this process, and the streams that carry what a script prints.

To here:    size u32 | number u32 | length of the id u16 | length of the head u32 | id | head | body
From here:  size u32 | number u32 | kind u8 | microseconds u32 | length of the head u32 | head | body

`size` counts what follows it; integers are big-endian. A head is JSON, or empty.
"""

import io
import json
import os
import struct
import sys
import threading

REQUEST = struct.Struct(">IHI")
ANSWER = struct.Struct(">IIBII")
SIZE = struct.Struct(">I")

# What run() gave, as JSON: status 200. No head.
PREDICTION = 0
# Any other answer. Head: {"status", "headers": [[name, value], ...], "failed"}.
REPLY = 1
# A line that was printed. Head: [stream, id of the request or null].
LINE = 2
# The script is loaded and init() is done. Body: what the app has to know of run().
READY = 3
# It cannot be served. Body: why.
FAILED = 4

# Longer lines are told in pieces.
LONGEST_LINE = 64 * 1024


class Channel:
    """The socket. Any thread may send."""

    def __init__(self, connection):
        self._connection = connection
        self._lock = threading.Lock()
        # Id of the request that run() serves.
        self.request_id = None
        # A forked process has no part in it: frames of two processes would mix.
        os.register_at_fork(after_in_child=connection.close)

    @property
    def closed(self):
        return self._connection.fileno() == -1

    def requests(self):
        """Lists of what has arrived together, each request as (number, id, head, body). Ends when the app closes the channel."""
        received = bytearray()
        while True:
            chunk = self._connection.recv(256 * 1024)
            if not chunk:
                return
            received += chunk
            requests = []
            at = 0
            while len(received) >= at + SIZE.size:
                start = at + SIZE.size
                end = start + SIZE.unpack_from(received, at)[0]
                if len(received) < end:
                    break
                number, id_length, head_length = REQUEST.unpack_from(received, start)
                head = start + REQUEST.size + id_length
                body = head + head_length
                request_id = received[head - id_length : head].decode()
                requests.append((number, request_id, bytes(received[head:body]), bytes(received[body:end])))
                at = end
            del received[:at]
            if requests:
                yield requests

    def send(self, frames):
        with self._lock:
            self._connection.sendall(frames)


def answer(number, kind, micros, head, body):
    """A frame from here."""
    size = ANSWER.size - SIZE.size + len(head) + len(body)
    return ANSWER.pack(size, number, kind, min(micros, 0xFFFFFFFF), len(head)) + head + body


class _Lines(io.RawIOBase):
    """A stream whose lines are told to the app, with the id of the request that is served."""

    def __init__(self, channel, name, descriptor):
        super().__init__()
        self.name = f"<{name}>"
        self._channel = channel
        self._stream = name
        self._descriptor = descriptor
        self._rest = b""
        self._lock = threading.Lock()

    def writable(self):
        return True

    def fileno(self):
        # For programs that a script starts: what they write arrives without an id.
        return self._descriptor

    def write(self, data):
        if self._channel.closed:
            # In a forked process: where programs that a script starts write to.
            return os.write(self._descriptor, data)
        data = bytes(data)
        with self._lock:
            *lines, self._rest = (self._rest + data).split(b"\n")
            if len(self._rest) > LONGEST_LINE:
                lines.append(self._rest)
                self._rest = b""
        self._tell(lines)
        return len(data)

    def finish_line(self):
        """What was printed without an end of line ends with its request."""
        if self._rest:
            self.write(b"\n")

    def _tell(self, lines):
        if not lines:
            return
        head = json.dumps([self._stream, self._channel.request_id]).encode()
        self._channel.send(b"".join(answer(0, LINE, 0, head, line.rstrip(b"\r")) for line in lines))


class _Text(io.TextIOWrapper):
    def close(self):
        """Keeps it open: under Azure ML's server a script may print though it has closed its output."""
        self.flush()


_errors = None


def print_error(text):
    """To standard error, whatever the script has made of sys.stderr."""
    _errors.write(text.encode("utf-8", "backslashreplace"))


def redirect_streams(channel):
    """Replaces sys.stdout and sys.stderr. Returns what ends their last lines."""
    global _errors
    streams = []
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = _Lines(channel, name, descriptor)
        text = _Text(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
        setattr(sys, name, text)
        streams.append((name, text, raw))
    _errors = raw

    def flush(stream):
        try:
            stream.flush()
        except Exception:
            # The script has detached it, or put something else in its place.
            pass

    def finish_lines():
        for name, text, raw in streams:
            flush(text)
            current = getattr(sys, name, None)
            if current is not text:
                flush(current)
            raw.finish_line()

    return finish_lines
