"""Whether requests may be predicted together: several rows together have to get the answers that each gets alone.

Rows of the model's input_example are tried, with other numbers: equal ones would hide what rows do to each other.
"""

import json
import math
import random
import time

import numpy as np
import pandas as pd

from .faults import Fault
from .plain import Rows
from .predictions import NoRows, split

# Rows of the trial, and how long it may take: a slow model is tried with fewer.
ROWS = 8
SECONDS = 1
# How far, relative to the largest answer, rounding takes answers apart: a run of several rows adds up in another order.
ROUNDING = {"float16": 1e-2, "float32": 1e-5}
EXACT = 1e-11


def reason_against(reader, predict, example, params):
    """Why requests are predicted one by one; None where they need not be."""
    try:
        base = _base(reader, example)
    except Fault as fault:
        return f"its input_example cannot be read: {fault}"
    if base is None or len(base) == 0:
        return "there is no input_example to try it with"
    chance = random.Random(1)
    rows, alone = [], []
    end = time.monotonic() + SECONDS
    for share in (1, 1, 0.5) * ROWS:
        if len(rows) == ROWS or (len(rows) > 1 and time.monotonic() > end):
            break
        row = _changed(base, share, chance)
        try:
            result = predict(row, params)
        except Exception:
            # Values that the model refuses are no part of the trial.
            continue
        try:
            alone.append(split(result, [1])[0])
        except NoRows as error:
            return str(error)
        rows.append(row)
    if len(rows) < 2:
        return "it refuses rows like that of its input_example, with other numbers"
    try:
        result = predict(joined(rows), params)
        together = split(result, [1] * len(rows))
    except NoRows as error:
        return str(error)
    except Exception as error:
        return f"rows that are predicted alone are not predicted together: {error}"
    scale = max(map(abs, _numbers(together)), default=0)
    return None if _same(together, alone, _rounding(result) * scale) else "rows together get other predictions than each alone"


def joined(parts):
    """Data of several requests."""
    if len(parts) == 1:
        return parts[0]
    return pd.concat(parts, ignore_index=True) if isinstance(parts[0], pd.DataFrame) else np.concatenate(parts)


def _base(reader, example):
    """A data frame or an array to make rows of."""
    if example is not None:
        data, _ = reader.read(json.dumps(example).encode(), None, True)
        if isinstance(data, Rows):
            return reader.plain.data(data.rows)
        return data if isinstance(data, (pd.DataFrame, np.ndarray)) else None
    return reader.plain.blank()


def _changed(base, share, chance):
    """A row of it, some of whose numbers are others."""
    place = chance.randrange(len(base))
    if isinstance(base, np.ndarray):
        row = base[place : place + 1].copy()
        if row.dtype.kind in "fiu":
            flat = row.reshape(-1)
            flat[:] = [_near(cell, row.dtype, share, chance) for cell in flat.tolist()]
        return row
    row = base.iloc[place : place + 1].reset_index(drop=True)
    for name in row.columns:
        dtype = row[name].dtype
        if getattr(dtype, "kind", "O") in "fiub":
            row[name] = np.array([_near(row[name].iloc[0], dtype, share, chance)], dtype=dtype)
        else:
            row[name] = base[name].iloc[[chance.randrange(len(base))]].reset_index(drop=True)
    return row


def _near(cell, dtype, share, chance):
    """Small distances from a value, and a few large ones."""
    if chance.random() >= share:
        return cell
    if dtype.kind == "b":
        return chance.random() < 0.5
    if dtype.kind != "f":
        return min(max(0, int(cell) + chance.randrange(-3, 4)), 127 if dtype.itemsize == 1 else 2**31 - 1)
    return cell + (1 + abs(cell)) * 8 * (2 * chance.random() - 1) ** 3 if math.isfinite(cell) else cell


def _rounding(result):
    dtypes = result.dtypes if isinstance(result, pd.DataFrame) else [getattr(result, "dtype", None)]
    return max(ROUNDING.get(str(dtype), EXACT) for dtype in dtypes)


def _numbers(value):
    if isinstance(value, float) and math.isfinite(value):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item)


def _same(one, other, allowed):
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b, allowed) for a, b in zip(one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name], allowed) for name in one)
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) <= allowed or (math.isnan(one) and math.isnan(other))
    return one == other
