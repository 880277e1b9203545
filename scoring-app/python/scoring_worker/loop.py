"""Serves over the channel: an entry script, one request after the other as Azure ML's server does, or an MLflow model."""

import faulthandler
import json
import logging
import os
import signal
import socket
import sys
import time

from . import azure_modules, mlflow, script
from .channel import FAILED, READY, Channel, answer, redirect_streams

# Answers wait so long for those of the requests behind them, in nanoseconds: they go out in one write. The app reads them
# meanwhile where it has a core of its own; on the same core each change from one process to the other costs both.
GATHERED_NS = 500_000
GATHERED_ON_ONE_CORE_NS = 5_000_000
# After so many answers in a row that took less than that, the next is taken to be quick, too: no answer waits for a long run().
STEADY = 100


def main(path, overlaps):
    connection = socket.socket(fileno=3)
    connection.set_inheritable(False)
    channel = Channel(connection)
    finish_lines = redirect_streams(channel)
    # What the script has started ends with this group, which the app ends.
    os.setpgrp()
    _outlive_signals()
    faulthandler.enable(sys.__stderr__)
    _show_logs()
    azure_modules.install()
    requests = channel.requests()
    together = os.path.basename(path) == "MLmodel"
    try:
        loaded = mlflow.load(_spec(requests)) if together else script.load(path)
    except script.ScriptError as error:
        finish_lines()
        channel.send(answer(0, FAILED, 0, b"", str(error).encode()))
        sys.exit(3)
    finish_lines()
    channel.send(answer(0, READY, 0, b"", json.dumps(loaded.description).encode()))
    if together:
        serve_together(channel, requests, loaded, finish_lines)
    else:
        serve(channel, requests, loaded, finish_lines, overlaps)


def _spec(requests):
    """What the app has read of the model's file: the body of a first request, which nothing follows yet."""
    [[_, _, _, body]] = next(requests, None) or sys.exit(0)
    return body


def _show_logs():
    """As under Azure ML's server, a logger's own level decides, though no handler is there. A script may add handlers."""
    logging.lastResort.setLevel(logging.NOTSET)
    logging.lastResort.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
    logging.getLogger("azmlinfsrv").setLevel(logging.INFO)


def _outlive_signals():
    """What ends the process is the end of the channel: who signals to all processes (systemd) ends the app, which lets requests end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        default = signal.signal(number, lambda *_: None)
        # multiprocessing ends its processes so.
        os.register_at_fork(after_in_child=lambda number=number, default=default: signal.signal(number, default))


def serve(channel, requests, loaded, finish_lines, overlaps):
    """Until the app closes the channel."""
    quick = 0
    gathered_ns = GATHERED_NS if overlaps else GATHERED_ON_ONE_CORE_NS
    for together in requests:
        answers = []
        first = 0
        # Else each of the two processes would wait while the other works.
        half = (len(together) + 1) // 2 if overlaps else None
        for request in together:
            began = time.perf_counter_ns()
            if answers and (quick < STEADY or len(answers) == half or began - first > gathered_ns):
                channel.send(b"".join(answers))
                answers.clear()
            answers.append(_answered(channel, loaded, finish_lines, *request))
            ended = time.perf_counter_ns()
            quick = quick + 1 if ended - began < gathered_ns else 0
            if len(answers) == 1:
                first = ended
        channel.send(b"".join(answers))


def _answered(channel, loaded, finish_lines, number, request_id, head, body):
    channel.request_id = request_id
    try:
        kind, micros, told, body = loaded.answer(json.loads(head) if head else None, body)
        finish_lines()
    finally:
        channel.request_id = None
    return answer(number, kind, micros, told, body)


def serve_together(channel, requests, loaded, finish_lines):
    """As `serve`; what has arrived together is answered together."""
    for together in requests:
        # What is printed for several is not one request's.
        channel.request_id = together[0][1] if len(together) == 1 else None
        answers = loaded.answers([(head, body) for _, _, head, body in together])
        finish_lines()
        channel.request_id = None
        channel.send(b"".join(answer(request[0], *told) for request, told in zip(together, answers)))
