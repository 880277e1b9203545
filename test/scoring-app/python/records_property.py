"""Decodes random records by inference_schema and by scoring_worker/records.py: `python records_property.py WORKER_FOLDER SEED COUNT`.

Prints how many frames were compared, and how many parameters had columns that are decoded the faster way.
"""

import json
import random
import sys
import warnings

sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")

import pandas as pd
from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType
from pandas.testing import assert_frame_equal
from scoring_worker import records

usual = PandasParameterType.deserialize_input
records.install()
faster = PandasParameterType.deserialize_input
chance = random.Random(int(sys.argv[2]))

# Names that pandas takes for numbers are among them.
NAMES = ["age", "sex", "may", "time", "0", "1", "a b", "é"]
# What is in these, pandas before 3 takes for dates.
DATES = ["date", "x_at", "Timestamp_2", "modified", "start_time"]
ODD = [None, "x", 1.5, True, 2**60, 2**70, "2020-01-01", float("nan"), "", [1], {"a": 1}]
KINDS = {
    "f": (["float64", "float32"], 0.5, lambda: chance.choice([chance.gauss(0, 10) * 10 ** chance.randint(-20, 20), 5, 0.1, 1e300])),
    "i": (["int64", "int32", "int8"], 1, lambda: chance.choice([chance.randint(-9, 9), chance.randint(-(2**40), 2**40)])),
    "b": (["bool"], True, lambda: chance.random() < 0.5),
    "s": (["object"], "q", lambda: chance.choice(["a", "", "12", "é", "2020-01-01", "nan", "null"])),
}


def value(kind, odd):
    return chance.choice(ODD) if odd and chance.random() < 0.05 else KINDS[kind][2]()


def outcome(decode, parameter, data):
    try:
        return decode(parameter, json.loads(json.dumps(data)))
    except Exception as error:
        return type(error).__name__, str(error)


compared = 0
fast = 0
for _ in range(int(sys.argv[3])):
    # Columns of one type are kept together.
    one_type = chance.choice("fi") if chance.random() < 0.3 else None
    names = chance.sample(NAMES, chance.randint(1, 5)) + (chance.sample(DATES, 1) if chance.random() < 0.1 else [])
    kinds = {name: one_type or chance.choice("fibs") for name in names}
    dtypes = {kind: chance.choice(KINDS[kind][0]) for kind in kinds.values()}
    sample = pd.DataFrame({name: pd.Series([KINDS[kind][1]], dtype=dtypes[kind]) for name, kind in kinds.items()})
    enforced = chance.random() < 0.8
    one, other = (PandasParameterType(sample, enforce_shape=enforced) for _ in range(2))
    for _ in range(4):
        odd = chance.random() < 0.3
        names = list(kinds)
        if chance.random() < 0.1:
            chance.shuffle(names)
        data = [{name: value(kinds[name], odd) for name in names} for _ in range(chance.randint(0, 3))]
        expected = outcome(usual, one, data)
        given = outcome(faster, other, data)
        compared += 1
        if isinstance(expected, tuple) or isinstance(given, tuple):
            assert expected == given, (data, expected, given)
            continue
        assert_frame_equal(expected, given, check_exact=True)
        assert type(expected.index) is type(given.index), (data, expected.index, given.index)
        # The order in memory, which may decide on the last digits of a sum.
        assert expected.values.flags.c_contiguous == given.values.flags.c_contiguous, data
        for name in expected.columns:
            types = [[type(cell) for cell in frame[name]] for frame in (expected, given)]
            assert types[0] == types[1], (data, types)
        if given.columns.dtype == object:
            # What a script does to its frame, the next frame does not have. pandas 3 refuses it.
            given.columns.values[:] = "renamed"
    known = other.__dict__.get("_records")
    fast += bool(known) and any(known.same.values())
print(compared, fast)
