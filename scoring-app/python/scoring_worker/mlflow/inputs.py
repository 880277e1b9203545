"""Bodies: the forms of MLflow's server, and input_data of Azure ML."""

import json
from io import BytesIO, StringIO

import numpy as np
import pandas as pd

from .faults import Fault, Unsupported, invalid_input
from .plain import PlainReader

FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
ONE_OF = f"The input must be a JSON dictionary with exactly one of the input fields {{{str(FORMATS)[1:-1]}}}"
CSV = "text/csv"
JSON = "application/json"
PARQUET = "application/vnd.apache.parquet"
SPLIT = {"columns", "data", "index"}


class Reader:
    """Reads bodies for a signature."""

    def __init__(self, signature, parse=None):
        """`parse` is mlflow's own, for a model that checks what it is given itself."""
        self.signature = signature
        self._parse = parse
        # A model's own code may look at labels of rows.
        self.plain = PlainReader(signature, labels=parse is None)

    def read(self, body, content_type, azure):
        """
        Rows of a body, and the parameters beside them. `azure` is for /score, which also takes Azure ML's form.
        Returns plain.Rows, a data frame, or an array. Raises Fault.
        """
        kind = _type_of(content_type)
        if kind == JSON:
            return self._read_json(body, azure)
        if kind == CSV:
            return self._enforced(self._read_csv(body)), None
        if kind == PARQUET:
            return self._enforced(_read_parquet(body)), None
        raise Unsupported(
            f"This predictor only supports the following content types: Types: {[CSV, JSON, PARQUET]}. Got '{content_type}'."
        )

    def _read_json(self, body, azure):
        try:
            value = json.loads(body)
        except ValueError as error:
            raise invalid_input(f"Ensure that input is a valid JSON formatted string. Error: '{error!r}'") from None
        if isinstance(value, list):
            raise invalid_input(f"{ONE_OF}. Received a list.")
        if not isinstance(value, dict):
            raise invalid_input(f"{ONE_OF}. Received unexpected input type '{type(value)}.")
        if azure and "input_data" in value:
            value = self._of_azure(value)
        params = value.get("params")
        given = [name for name in value if name in FORMATS]
        if len(given) != 1:
            raise Fault(f"{ONE_OF}. Received dictionary with input fields: {given}")
        form = given[0]
        rows = self.plain.read(form, value[form])
        if rows is not None:
            return rows, params
        if self._parse is not None:
            return self._parse({form: value[form]}), params
        return self.signature.enforce(self._read_form(form, value[form])), params

    def _enforced(self, data):
        return data if self._parse is not None else self.signature.enforce(data)

    def _of_azure(self, value):
        """In MLflow's form: a table, or its rows."""
        data = value["input_data"]
        params = {"params": value["params"]} if "params" in value else {}
        if isinstance(data, dict):
            known = {"columns", "data"} <= set(data)
            return {"dataframe_split" if known else "inputs": data, **params}
        named = self.signature.named and not self.signature.tensors
        rows = isinstance(data, list) and data and all(isinstance(row, list) for row in data)
        if rows and named:
            return {"dataframe_split": {"columns": [one.name for one in self.signature.inputs], "data": data}, **params}
        if isinstance(data, list) and data and isinstance(data[0], dict):
            return {"dataframe_records": data, **params}
        return {"inputs" if self.signature.tensors or not rows else "dataframe_records": data, **params}

    def _read_form(self, form, value):
        if form == "dataframe_records":
            return self.signature.cast(_records(value))
        if form == "dataframe_split":
            return self.signature.cast(_split(value))
        try:
            return self._instances(value) if form == "instances" else self._tensors(value)
        except Fault:
            raise
        except Exception as error:
            raise invalid_input(f"Ensure that the input is a valid JSON-formatted string.\nError: {error!r}") from None

    def _instances(self, value):
        """A row, or a tensor of a row, after the other."""
        if isinstance(value, list) and value and isinstance(value[0], dict):
            columns = {}
            for item in value:
                for name, cell in item.items():
                    columns.setdefault(name, []).append(self._converted(cell, self.signature.by_name.get(name)))
            value = {name: np.array(cells) for name, cells in columns.items()}
        else:
            value = self._tensors(value)
        if isinstance(value, dict):
            checked = [name for name, cells in value.items() if isinstance(cells, (list, np.ndarray))]
            if self.signature.named:
                checked = [name for name in checked if name in self.signature.by_name]
            if len({len(value[name]) for name in checked}) > 1:
                raise invalid_input("The length of values for each input/column name are not the same")
        return value

    def _tensors(self, value):
        """A tensor, or one for each name."""
        inputs = self.signature.inputs
        by_name = self.signature.by_name
        if inputs is not None:
            if len(by_name) == 1 and isinstance(value, list) and not any(isinstance(item, dict) for item in value):
                value = {next(iter(by_name)): value}
            elif not self.signature.named and not (isinstance(value, list) or np.isscalar(value)):
                raise invalid_input(
                    "Failed to parse input data. This model contains an un-named  model signature which expects a single "
                    f"n-dimensional array or a single value as input, however, an input of type {type(value)} was found."
                )
        if isinstance(value, dict):
            return {name: self._converted(cells, by_name.get(name)) for name, cells in value.items()}
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            convert = lambda item: {name: self._converted(cell, by_name.get(name)) for name, cell in item.items()}
            return [convert(item) for item in value]
        return self._converted(value, inputs[0] if inputs else None)

    @staticmethod
    def _converted(value, one):
        try:
            if one is None:
                return np.array(value)
            if one.shape is not None or isinstance(value, list):
                return np.array(value, dtype=one.numpy)
            return np.array([value], dtype=one.numpy)[0]
        except Exception as error:
            raise invalid_input(f"{error}") from None

    def _read_csv(self, body):
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise invalid_input(f"Ensure that input is a valid UTF-8 encoded string. Error: '{error!r}'") from None
        inputs = self.signature.inputs
        try:
            if any(one.shape is not None or one.pandas is None for one in inputs or []):
                raise Fault("TensorSpec only supports numpy types, use numpy_types() instead")
            dtypes = None if inputs is None else {one.key: one.pandas for one in inputs}
            return pd.read_csv(StringIO(text), dtype=dtypes)
        except Exception as error:
            raise Fault(
                "Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid CSV-formatted Pandas "
                f"DataFrame produced using the `pandas.DataFrame.to_csv()` method. Error: '{error}'"
            ) from None


def _type_of(content_type):
    kind, *parameters = [part.strip() for part in (content_type or JSON).split(";")]
    values = dict(part.partition("=")[::2] for part in parameters)
    if values.pop("charset", "utf-8").lower() != "utf-8":
        raise Unsupported("The scoring server only supports UTF-8")
    if values:
        raise Unsupported(f"Unrecognized content type parameters: {', '.join(values)}.")
    return kind


def _records(value):
    if not isinstance(value, list):
        given = "dictionary" if isinstance(value, dict) else f"type {type(value)}"
        raise invalid_input(f"Dataframe records format must be a list of records. Got {given}.")
    try:
        return pd.DataFrame(data=value)
    except Exception as error:
        raise _no_frame("records", error) from None


def _split(value):
    if not isinstance(value, dict):
        given = "list" if isinstance(value, list) else f"type {type(value)}"
        raise invalid_input(f"Dataframe split format must be a dictionary. Got {given}.")
    if "data" not in value or not set(value) <= SPLIT:
        raise invalid_input(
            "Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. "
            f"Got {set(value) or '{}'}.'"
        )
    try:
        return pd.DataFrame(index=value.get("index"), columns=value.get("columns"), data=value["data"])
    except Exception as error:
        raise _no_frame("split", error) from None


def _no_frame(orient, error):
    return invalid_input(
        f"Provided dataframe_{orient} field is not a valid dataframe representation in '{orient}' format. Error: '{error}'"
    )



def _read_parquet(body):
    try:
        return pd.read_parquet(BytesIO(body))
    except Exception as error:
        raise Fault(
            "Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid Parquet Pandas "
            f"DataFrame produced using the `pandas.DataFrame.to_parquet()` method. Error: '{error}'"
        ) from None
