"""Most bodies: rows of plain numbers, booleans and text, of which no data frame is made until they are predicted.

What is not that plain (nulls, dates, other types, missing columns, a signature of other types) is left to pandas, with the same
result.
"""

from itertools import chain
from operator import itemgetter

import numpy as np
import pandas as pd

# Integers up to here are the same as doubles.
EXACT = 2**53
MOST = {"int64": 2**63 - 1, "int32": 2**31 - 1}
NUMBERS = {int, float}
TYPES = {
    **{"double": NUMBERS, "float": NUMBERS, "long": {int}, "integer": {int}},
    **{"boolean": {bool}, "string": {str}},
}
# Orders of columns that are remembered.
MOST_ORDERS = 100


class Rows:
    """Rows in the signature's order."""

    __slots__ = ("rows",)

    def __init__(self, rows):
        self.rows = rows


class PlainReader:
    """Reads such rows, for a signature of plain columns, or of one tensor with a row a row."""

    def __init__(self, signature, labels):
        """`labels`: whether a table may have labels of rows, which are dropped."""
        inputs = signature.inputs or []
        self._labels = labels
        self._orders = {}
        self._names = None
        self._kinds = None
        # All columns as one array, where they are of one type of numbers.
        self._whole = None
        if signature.tensors:
            one = inputs[0]
            if len(inputs) == 1 and not signature.named and len(one.shape) == 2 and one.shape[0] == -1 and one.shape[1] > 0:
                self._take_all(one.shape[1], one.numpy)
            self._tensor = True
            return
        self._tensor = False
        if not signature.named or not all(one.type in TYPES for one in inputs):
            return
        names = [one.name for one in inputs]
        if len(set(names)) < len(names):
            return
        self._names = tuple(names)
        self._kinds = [(TYPES[one.type], one.numpy, one.type == "string") for one in inputs]
        self._texts = any(one.type == "string" for one in inputs)
        if len({one.type for one in inputs}) == 1 and not self._texts:
            self._take_all(len(inputs), inputs[0].numpy)

    def _take_all(self, width, dtype):
        """Of floating-point numbers, and of integers that fit."""
        if str(dtype) in ("float64", "float32", "int64", "int32"):
            self._whole = (width, {int} if dtype.kind == "i" else NUMBERS, dtype)

    def read(self, form, value):
        """Rows; None where they are not plain."""
        if self._names is None and self._whole is None:
            return None
        try:
            rows = self._tensor_rows(form, value) if self._tensor else self._named_rows(form, value)
            if rows and self._are_plain(rows):
                return Rows(rows)
        except (AttributeError, KeyError, TypeError, IndexError, ValueError):
            pass
        return None

    def _tensor_rows(self, form, value):
        return value if form in ("instances", "inputs") and all(type(row) is list for row in value) else None

    def _named_rows(self, form, value):
        if form == "dataframe_split":
            if not value.keys() <= {"columns", "data", "index"} or not self._counts(value):
                return None
            rows = value["data"]
            order = self._order(tuple(value["columns"]))
            if order is False or not all(type(row) is list for row in rows):
                return None
            width = len(value["columns"])
            if any(len(row) != width for row in rows):
                return None
            return rows if order is None else [order(row) for row in rows]
        # What becomes tensors first may fail at columns that are dropped later.
        tensors = form != "dataframe_records"
        if tensors and self._texts:
            return None
        if type(value) is dict:
            # A list for each column.
            if not tensors or len(value) > len(self._names):
                return None
            columns = [value[name] for name in self._names]
            same = all(type(cells) is list for cells in value.values()) and len(set(map(len, value.values()))) == 1
            return list(zip(*columns)) if same else None
        if type(value) is not list or any(type(record) is not dict for record in value):
            return None
        names = tuple(value[0])
        # Further columns are dropped where every row has them.
        if any(tuple(record) != names for record in value) or (tensors and len(names) > len(self._names)):
            return None
        if names == self._names:
            return [list(record.values()) for record in value]
        return [[record[name] for name in self._names] for record in value]

    def _counts(self, value):
        """Whether a table has no index, or one of plain labels that may be dropped."""
        index = value.get("index")
        if index is None or not self._labels:
            return index is None
        return type(index) is list and len(index) == len(value["data"]) and set(map(type, index)) <= {int, str}

    def _order(self, columns):
        """What brings a row into the signature's order: None where it is, False where a column is missing or there twice."""
        if columns == self._names:
            return None
        order = self._orders.get(columns)
        if order is None:
            whole = len(set(columns)) == len(columns) and set(self._names) <= set(columns)
            places = [columns.index(name) for name in self._names] if whole else []
            order = _getter(places) if whole else False
            if len(self._orders) < MOST_ORDERS:
                self._orders[columns] = order
        return order

    def _are_plain(self, rows):
        if self._whole is not None:
            width, types, dtype = self._whole
            if any(len(row) != width for row in rows):
                return False
            given = set(map(type, chain.from_iterable(rows)))
            return given <= types and _fit(chain.from_iterable(rows), given, dtype)
        for cells, (types, dtype, _) in zip(zip(*rows), self._kinds):
            given = set(map(type, cells))
            if not given <= types or not _fit(cells, given, dtype):
                return False
        return True

    def blank(self):
        """A row of zeros and empty texts; None where the signature does not tell enough."""
        if self._tensor and self._whole is not None:
            return self.data([[0] * self._whole[0]])
        if self._names is None:
            return None
        return self.data([["" if text else 0 for _, _, text in self._kinds]])

    def data(self, rows):
        """Rows of any number of requests as the model takes them: a data frame as MLflow makes it, or an array."""
        if self._tensor:
            return np.array(rows, dtype=self._whole[2])
        if self._whole is not None:
            columns = np.array(rows, dtype=self._whole[2]).T
            return pd.DataFrame(dict(zip(self._names, columns)))
        columns = zip(self._names, zip(*rows), self._kinds)
        return pd.DataFrame({
            name: pd.Series(list(cells)) if text else np.array(cells, dtype=dtype)
            for name, cells, (_, dtype, text) in columns
        })


def _getter(places):
    return itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)


def _fit(cells, given, dtype):
    """Whether numbers are the same in NumPy's type, whichever way they come into it."""
    if dtype.kind == "i":
        most = MOST[str(dtype)]
        return all(-most <= cell <= most for cell in cells)
    if str(dtype) == "float32" and int in given:
        return all(type(cell) is float or -EXACT <= cell <= EXACT for cell in cells)
    return True
