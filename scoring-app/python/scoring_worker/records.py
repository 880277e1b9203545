"""Makes data frames of records faster than inference_schema does, and the same.

Most of the time of a run() with a PandasParameterType goes into pandas.read_json and astype. Here columns of numbers, booleans
and text become arrays of the sample's types at once. Whatever is not that plain (dates, nulls, other types, missing or further
columns, names that pandas before 3 takes for dates) is left to inference_schema, and so are columns of which a first comparison
showed another result.
"""

import json
import sys

MODULE = "inference_schema.parameter_types.pandas_parameter_type"
# Integers up to here are the same as doubles.
EXACT = 2**53
# Sets of columns that are remembered.
MOST_COLUMN_SETS = 100


def install():
    """Where a script has imported PandasParameterType, its decoding is the faster one."""
    module = sys.modules.get(MODULE)
    if module is None:
        return
    import pandas

    # inference_schema's own result has the numbers as pandas' parser reads them, which may be off by the last bit.
    loads = getattr(pandas.io.json, "ujson_loads", None)
    if loads is None:
        return
    decode = module.PandasParameterType.deserialize_input

    def deserialize_input(self, input_data):
        records = self.__dict__.get("_records")
        if records is None:
            records = self._records = Records(self, loads)
        columns = records.columns_of(input_data)
        if columns is None or records.same.get(columns) is False:
            return decode(self, input_data)
        frame = records.frame(columns, input_data)
        if frame is None:
            return decode(self, input_data)
        if columns in records.same:
            return frame
        usual = decode(self, input_data)
        records.compare(columns, frame, usual)
        return usual

    module.PandasParameterType.deserialize_input = deserialize_input


class Records:
    """The records that one parameter takes."""

    def __init__(self, parameter, loads):
        sample = parameter.sample_input
        self._loads = loads
        self._plain = parameter.orient == "records" and parameter.enforce_column_type and not parameter.apply_column_names
        self._width = sample.shape[1]
        self._types = {name: None if _is_date(name) else _python_types(dtype) for name, dtype in sample.dtypes.items()}
        self._dtypes = sample.dtypes.to_dict()
        # The type of all columns, where it is one and of numbers.
        one = next(iter(self._dtypes.values()), None)
        self._numbers = one if getattr(one, "kind", "") in ("f", "i") and set(self._dtypes.values()) == {one} else None
        # By columns: whether both ways give the same.
        self.same = {}
        self._indexes = {}

    def columns_of(self, data):
        """Names that all records have, in one order; None where they are not plain."""
        if not self._plain or type(data) is not list or not data or type(data[0]) is not dict:
            return None
        columns = tuple(data[0])
        if len(columns) != self._width or any(self._types.get(name) is None for name in columns):
            return None
        if any(type(record) is not dict or tuple(record) != columns for record in data):
            return None
        return columns

    def frame(self, columns, data):
        """A data frame; None where a value is not plain."""
        import numpy
        import pandas

        try:
            records = self._loads(json.dumps(data))
            values = [self._values(name, records) for name in columns]
            if None in values:
                return None
            if self._numbers is not None:
                # One array, in the order in which pandas would keep these columns.
                array = numpy.array(values, dtype=self._numbers).T
                return pandas.DataFrame(array, columns=self._index(columns), copy=False)
            arrays = {name: self._array(name, column) for name, column in zip(columns, values)}
        except (ValueError, OverflowError, TypeError):
            return None
        return pandas.DataFrame(arrays, copy=False)

    def _values(self, name, records):
        """Of one column; None where one is not plain."""
        values = [record[name] for record in records]
        types = set(map(type, values))
        if not types <= self._types[name]:
            return None
        if self._dtypes[name].kind == "f" and int in types and any(abs(value) > EXACT for value in values):
            return None
        return values

    def _array(self, name, values):
        import numpy
        import pandas

        dtype = self._dtypes[name]
        array = numpy.array(values, dtype=dtype)
        return pandas.Series(array, dtype=dtype) if dtype.kind == "O" else array

    def _index(self, columns):
        """Made once for all frames; each has a copy of its own, which a script may change: `frame.columns.values[0] = "a"`."""
        import pandas

        if columns not in self._indexes:
            if len(self._indexes) >= MOST_COLUMN_SETS:
                self._indexes.clear()
            self._indexes[columns] = pandas.DataFrame(columns=columns).columns
        return self._indexes[columns].copy(deep=True)

    def compare(self, columns, frame, usual):
        from pandas.testing import assert_frame_equal

        if len(self.same) >= MOST_COLUMN_SETS:
            return
        try:
            assert_frame_equal(frame, usual, check_exact=True)
            self.same[columns] = True
        except AssertionError:
            self.same[columns] = False


def _is_date(name):
    """Whether pandas before 3 makes dates of what is in a column of this name, where it can (is_ok() in its io/json/_json.py)."""
    name = str(name).lower()
    return name.endswith(("_at", "_time")) or name in ("modified", "date", "datetime") or name.startswith("timestamp")


def _python_types(dtype):
    """Types of values that become a NumPy type as pandas would have it; None for types that are left to pandas."""
    kind = getattr(dtype, "kind", None)
    if str(dtype) not in ("float64", "float32", "int64", "int32", "int16", "int8", "bool", "object"):
        return None
    return {"f": {float, int}, "i": {int}, "b": {bool}, "O": {str}}[kind]
