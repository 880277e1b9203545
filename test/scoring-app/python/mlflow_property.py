"""Bodies of random cells are read as mlflow reads them: `python mlflow_property.py WORKER_FOLDER COUNT`."""

import json
import logging
import random
import sys
import warnings

import numpy as np
import pandas as pd

sys.path.insert(0, sys.argv[1])
from mlflow.models.utils import _enforce_schema
from mlflow.pyfunc.scoring_server import infer_and_parse_data
from mlflow.types import Schema
from scoring_worker.mlflow.inputs import Reader
from scoring_worker.mlflow.plain import Rows
from scoring_worker.mlflow.signature import Signature

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
TYPES = ["double", "float", "long", "integer", "boolean", "string", "datetime", "binary"]
PLAIN = {
    "double": lambda: chance.choice([chance.uniform(-1e6, 1e6), chance.randrange(-5, 1000), 0.1]),
    "float": lambda: chance.choice([chance.uniform(-10, 10), chance.randrange(100)]),
    "long": lambda: chance.randrange(-(2**40), 2**40),
    "integer": lambda: chance.randrange(-100, 100),
    "boolean": lambda: chance.random() < 0.5,
    "string": lambda: chance.choice(["a", "", "é", "1"]),
    "datetime": lambda: chance.choice(["2024-01-02", "2024-01-02T03:04:05.678"]),
    "binary": lambda: "YWJj",
}
ODD = [None, True, False, 0, 1, -1, 1.5, float("nan"), float("inf"), 2**31, 2**53 + 1, 2**63, 10**30, 16777217]
ODD += ["", "a", "1", "1.5", [], [1], {}, {"a": 1}]


def signature():
    if chance.random() < 0.2:
        shape = chance.choice([[-1, 2], [-1, 2], [-1], [-1, 2, 1]])
        return [{"type": "tensor", "tensor-spec": {"dtype": chance.choice(["float64", "float32", "int64", "str"]), "shape": shape}}]
    names = chance.sample(["a", "b", "c", "d"], chance.randrange(1, 4))
    same = chance.choice(TYPES) if chance.random() < 0.4 else None
    required = lambda: chance.random() < 0.85
    return [{"name": name, "type": same or chance.choice(TYPES), "required": required()} for name in names]


def body(specs):
    odd = chance.choice([0, 0, 0.1, 0.4])
    cell = lambda kind: chance.choice(ODD) if chance.random() < odd else PLAIN.get(kind, PLAIN["double"])()
    count = chance.choice([0, 1, 1, 2, 3])
    if specs[0]["type"] == "tensor":
        kind = "long" if specs[0]["tensor-spec"]["dtype"] == "int64" else "double"
        rows = [[cell(kind) for _ in range(chance.choice([2, 2, 2, 1, 3]) if odd else 2)] for _ in range(count)]
        form = chance.choice(["instances", "inputs", "dataframe_split"])
        return {form: {"data": rows} if form == "dataframe_split" else rows}
    columns = [(spec["name"], spec["type"]) for spec in specs]
    if chance.random() < 0.2:
        columns.append(("more", "double"))
    if chance.random() < 0.1:
        columns.pop()
    if chance.random() < 0.3:
        chance.shuffle(columns)
    rows = [[cell(kind) for _, kind in columns] for _ in range(count)]
    names = [name for name, _ in columns]
    form = chance.choice(["dataframe_split", "dataframe_records", "instances", "inputs", "inputs of columns"])
    if form == "dataframe_split":
        index = {"index": list(range(count))} if chance.random() < 0.3 else {}
        return {form: {"columns": names, "data": rows, **index}}
    if form == "inputs of columns":
        return {"inputs": {name: [row[at] for row in rows] for at, name in enumerate(names)}}
    return {form: [dict(zip(names, row)) for row in rows]}


def outcome(read):
    try:
        return read(), None
    except Exception as error:
        return None, error


def same(one, other):
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), check_exact=True)
    else:
        np.testing.assert_array_equal(one, other, strict=True)


plain = faults = 0
for _ in range(int(sys.argv[2])):
    specs = signature()
    given = body(specs)
    text = json.dumps(given)
    reader = Reader(Signature(specs))
    schema = Schema.from_json(json.dumps(specs))

    def ours():
        data, _ = reader.read(text.encode(), "application/json", False)
        if isinstance(data, Rows):
            global plain
            plain += 1
            return reader.plain.data(data.rows)
        return data

    own, refused = outcome(ours)
    usual, failed = outcome(lambda: _enforce_schema(infer_and_parse_data(json.loads(text), schema), schema))
    faults += failed is not None
    try:
        assert (refused is None) == (failed is None), (refused, failed)
        if failed is None:
            same(own, usual)
    except AssertionError as error:
        sys.exit(f"{json.dumps(specs)}\n{text}\n{error}\n{own}\n{usual}")
print(json.dumps({"plain": plain, "faults": faults}))
