"""Answers requests: those that have arrived together are predicted together, where rows do not depend on each other."""

import json
import time

import numpy as np
import pandas as pd

from ..channel import PREDICTION, REPLY
from ..script import INTERNAL, ScriptError, print_traceback
from . import flavors, params, trial
from .faults import Fault, Unsupported
from .inputs import Reader
from .plain import Rows
from .predictions import encode, split, values
from .signature import Signature

# Rows in one prediction at most, and how long it should take: a request is not to wait long for its neighbours. So many rows may
# be in any: a model that is slow at its first row may be as fast with several. A single larger request is still predicted whole.
MOST_ROWS = 4096
LEAST_ROWS = 8
SECONDS = 1
# Heads of requests that are remembered.
MOST_HEADS = 100
REFUSED = (
    "Encountered an unexpected error while evaluating the model. Verify that the serialized input Dataframe is compatible "
    "with the model for inference."
)


class Job:
    """A request that was read."""

    __slots__ = ("place", "data", "params", "azure", "size")

    def __init__(self, place, data, given, azure):
        self.place = place
        self.data = data
        self.params = given
        self.azure = azure
        # What has no rows that can be told apart is predicted alone.
        tables = isinstance(data, (pd.DataFrame, np.ndarray)) and data.ndim > 0
        self.size = len(data.rows) if isinstance(data, Rows) else len(data) if tables else 1


class Model:
    """A model, loaded. `spec` is what the app has read of MLmodel."""

    def __init__(self, spec):
        signature = Signature(spec["inputs"])
        direct = spec["flavor"] in flavors.DIRECT
        odd = [one.key for one in signature.inputs or [] if direct and one.numpy is None]
        if odd:
            raise ScriptError(f"its signature has arrays or objects ({odd[0]}), which flavor {spec['flavor']} does not take")
        self._predict = flavors.load(spec)
        self._reader = Reader(signature, None if direct else flavors.parser(spec))
        self._specs = spec["params"]
        self._heads = {}
        self._most = LEAST_ROWS
        alone = None
        if spec["gather"] == "never":
            alone = "GATHER=never"
        elif spec["gather"] == "auto":
            defaults = params.checked(None, self._specs)
            alone = trial.reason_against(self._reader, self._predict, spec["example"], defaults)
        self._gathers = alone is None
        self.description = {"heads": False, "raw": False, "schemas": None, "alone": alone}

    def answers(self, requests):
        """For each request (head, body), in order: kind, microseconds, head, body."""
        answers = [None] * len(requests)
        groups = {}
        for place, (head, body) in enumerate(requests):
            azure, content_type = self._head(head)
            try:
                data, given = self._reader.read(body, content_type, azure)
                job = Job(place, data, params.checked(given, self._specs), azure)
            except Exception as error:
                answers[place] = refusal(_fault(error), azure)
                continue
            groups.setdefault(self._group(job, given), []).append(job)
        for jobs in groups.values():
            while jobs:
                some = self._fitting(jobs)
                self._run(jobs[:some], answers)
                del jobs[:some]
        return answers

    def _head(self, head):
        """Whether a request is for Azure ML's path, and its content type."""
        known = self._heads.get(head)
        if known is None:
            told = json.loads(head) if head else {}
            known = (told.get("path") != "/invocations", told.get("type"))
            if len(self._heads) < MOST_HEADS:
                self._heads[head] = known
        return known

    def _group(self, job, given):
        """Jobs of one group are predicted together."""
        data = job.data
        if not self._gathers or given is not None or job.size == 0:
            return job.place
        if isinstance(data, Rows):
            return "rows"
        if isinstance(data, pd.DataFrame) and isinstance(data.index, pd.RangeIndex):
            return (*data.columns, *data.dtypes)
        if isinstance(data, np.ndarray) and data.ndim > 0:
            return (data.dtype.str, data.shape[1:])
        return job.place

    def _fitting(self, jobs):
        rows = 0
        for count, job in enumerate(jobs):
            rows += job.size
            if count > 0 and rows > self._most:
                return count
        return len(jobs)

    def _run(self, jobs, answers):
        started = time.perf_counter_ns()
        sizes = [job.size for job in jobs]
        try:
            result = self._predict(self._data(jobs), jobs[0].params)
            taken = time.perf_counter_ns() - started
            parts = split(result, sizes) if len(jobs) > 1 else [values(result)]
        except BaseException as error:
            if len(jobs) > 1:
                # A fault of one is not its neighbours'.
                for job in jobs:
                    self._run([job], answers)
                return
            answers[jobs[0].place] = refusal(_fault(error, failed=True), jobs[0].azure)
            return
        self._most = max(LEAST_ROWS, min(MOST_ROWS, int(SECONDS * 1e9 * max(1, sum(sizes)) / max(1, taken))))
        for job, part in zip(jobs, parts):
            answers[job.place] = _answer(part, taken // 1000, job.azure)

    def _data(self, jobs):
        if not isinstance(jobs[0].data, Rows):
            return trial.joined([job.data for job in jobs])
        if len(jobs) == 1:
            return self._reader.plain.data(jobs[0].data.rows)
        return self._reader.plain.data([row for job in jobs for row in job.data.rows])


def _answer(part, micros, azure):
    try:
        text = encode(part)
    except Exception as error:
        print_traceback(error)
        return refusal(Fault(INTERNAL, "INTERNAL_ERROR", 500, failed=True), azure)
    return PREDICTION, micros, b"", (text if azure else f'{{"predictions": {text}}}').encode()


def _fault(error, failed=False):
    """What a client is told of an error; a traceback is in the log."""
    if isinstance(error, Fault):
        return error
    # Of mlflow, where it is what checks and calls the model.
    if hasattr(error, "error_code") and hasattr(error, "get_http_status_code"):
        return Fault(error.message, error.error_code, error.get_http_status_code(), failed)
    print_traceback(error)
    return Fault(REFUSED, failed=failed)


def refusal(fault, azure):
    """In the words of Azure ML's server, or of MLflow's."""
    told = {"message": str(fault)} if azure else {"error_code": fault.code, "message": str(fault)}
    kind = "application/json"
    body = json.dumps(told)
    if isinstance(fault, Unsupported):
        kind = "text/plain; charset=utf-8"
        body = str(fault)
    headers = [["content-type", kind], ["x-ms-run-function-failed", str(fault.failed)]]
    return REPLY, 0, json.dumps({"status": fault.status, "headers": headers}).encode(), body.encode()
