"""Serves over the channel: an entry script, one request after the other as Azure ML's server does, or an MLflow model."""

import faulthandler
import json
import os
import signal
import socket
import sys
import time

from . import azure_modules, mlflow, script
from .channel import FAILED, READY, REQUEST, SIZE, Channel, answer, redirect_streams

# Answers wait so long for those of the requests behind them, in nanoseconds: they go out in one write. The app reads them
# meanwhile where it has a core of its own; on the same core each change from one process to the other costs both.
GATHERED_NS = 500_000
GATHERED_ON_ONE_CORE_NS = 5_000_000


def main(path):
    connection = socket.socket(fileno=3)
    connection.set_inheritable(False)
    channel = Channel(connection)
    finish_lines = redirect_streams(channel)
    # What ends the process is the end of the channel; Ctrl-C in a terminal reaches the app, which lets requests end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(sys.__stderr__)
    azure_modules.install()
    try:
        # What the app has read of a model's file comes first.
        together = os.path.basename(path) == "MLmodel"
        loaded = mlflow.load(_first_body(channel)) if together else script.load(path)
    except script.ScriptError as error:
        finish_lines()
        channel.send(answer(0, FAILED, 0, b"", str(error).encode()))
        sys.exit(3)
    finish_lines()
    channel.send(answer(0, READY, 0, b"", json.dumps(loaded.description).encode()))
    (serve_together if together else serve)(channel, loaded, finish_lines)


def serve(channel, loaded, finish_lines):
    """Until the app closes the channel."""
    received = bytearray()
    gathered_ns = GATHERED_NS if _cores() > 1 else GATHERED_ON_ONE_CORE_NS
    while True:
        chunk = channel.receive()
        if not chunk:
            return
        received += chunk
        answers = []
        first = 0
        at = 0
        while True:
            start = at + SIZE.size
            if len(received) < start:
                break
            end = start + SIZE.unpack_from(received, at)[0]
            if len(received) < end:
                break
            at = end
            if answers and time.perf_counter_ns() - first > gathered_ns:
                channel.send(b"".join(answers))
                answers.clear()
            answers.append(_answered(channel, loaded, finish_lines, received, start, end))
            if len(answers) == 1:
                first = time.perf_counter_ns()
        del received[:at]
        if answers:
            channel.send(b"".join(answers))


def _cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _first_body(channel):
    """Of a request frame that nothing follows yet."""
    received = bytearray()
    while len(received) < SIZE.size or len(received) < SIZE.size + SIZE.unpack_from(received)[0]:
        chunk = channel.receive()
        if not chunk:
            sys.exit(0)
        received += chunk
    return bytes(received[SIZE.size + REQUEST.size :])


def serve_together(channel, loaded, finish_lines):
    """As `serve`; what has arrived together is answered together."""
    received = bytearray()
    while True:
        chunk = channel.receive()
        if not chunk:
            return
        received += chunk
        numbers, requests = [], []
        at = 0
        while len(received) >= at + SIZE.size:
            start = at + SIZE.size
            end = start + SIZE.unpack_from(received, at)[0]
            if len(received) < end:
                break
            at = end
            number, id_length, head_length = REQUEST.unpack_from(received, start)
            head = start + REQUEST.size + id_length
            body = head + head_length
            channel.request_id = received[head - id_length : head].decode()
            numbers.append(number)
            requests.append((bytes(received[head:body]), bytes(received[body:end])))
        del received[:at]
        if not requests:
            continue
        if len(requests) > 1:
            # What is printed is not one request's.
            channel.request_id = None
        answers = loaded.answers(requests)
        finish_lines()
        channel.request_id = None
        channel.send(b"".join(answer(number, *told) for number, told in zip(numbers, answers)))


def _answered(channel, loaded, finish_lines, received, start, end):
    number, id_length, head_length = REQUEST.unpack_from(received, start)
    id_start = start + REQUEST.size
    head_start = id_start + id_length
    body_start = head_start + head_length
    channel.request_id = received[id_start:head_start].decode()
    head = json.loads(received[head_start:body_start]) if head_length else None
    try:
        kind, micros, told, body = loaded.answer(head, bytes(received[body_start:end]))
        finish_lines()
    finally:
        channel.request_id = None
    return answer(number, kind, micros, told, body)
