"""A model's signature: what columns or tensors it takes, and of which types.

Casts and checks are those of MLflow's server: first what was read is cast to the signature's types, then it is checked against
them, which drops further columns, brings columns into order and widens numbers.
"""

import base64

import numpy as np
import pandas as pd

from .faults import Fault, invalid_value

# By MLflow's name: the types of NumPy and of pandas.
NUMPY = {
    **{"boolean": "bool", "integer": "int32", "long": "int64", "float": "float32", "double": "float64"},
    **{"string": "str", "binary": "bytes", "datetime": "datetime64[ns]"},
}


class Input:
    """A column or a tensor."""

    def __init__(self, spec, position):
        self.name = spec.get("name")
        self.key = self.name or position
        self.required = spec.get("required", True)
        self.shape = None
        self.type = spec["type"]
        if self.type == "tensor":
            tensor = spec["tensor-spec"]
            self.numpy = np.dtype(tensor["dtype"])
            self.pandas = self.numpy
            self.shape = tuple(tensor["shape"])
        else:
            # None for arrays, objects, maps.
            self.numpy = np.dtype(NUMPY[self.type]) if self.type in NUMPY else None
            self.pandas = object if self.type in ("string", "binary") else self.numpy


class Signature:
    """Of a model's inputs. `inputs` is None where the model has none: then data is taken as it comes."""

    def __init__(self, specs):
        self.inputs = None if specs is None else [Input(spec, position) for position, spec in enumerate(specs)]
        inputs = self.inputs or []
        self.tensors = any(one.shape is not None for one in inputs)
        self.named = bool(inputs) and inputs[0].name is not None
        self.by_name = {one.name: one for one in inputs} if self.named else {}

    def cast(self, frame):
        """A data frame whose columns have the signature's types. Raises Fault."""
        if self.inputs is None:
            return frame
        if self.named:
            pairs = [(one.name, one) for one in self.inputs]
        elif self.tensors:
            pairs = [(name, self.inputs[0]) for name in frame.columns]
        else:
            pairs = list(zip(frame.columns, self.inputs))
        for name, one in pairs:
            if name not in frame.columns:
                continue
            try:
                frame[name] = self._cast(frame[name], one)
            except Exception as error:
                raise Fault(
                    "Invalid input. Data is not compatible with model signature. "
                    f"Failed to convert column {name} to type '{one.pandas}'. Error: '{error!r}'"
                ) from None
        return frame

    def _cast(self, values, one):
        if one.type == "binary":
            return values.map(lambda text: base64.decodebytes(bytes(text, "utf8")))
        if one.numpy == np.dtype(bytes):
            return values.map(lambda text: bytes(text, "utf8"))
        if self.tensors and isinstance(values.iloc[0], list):
            return values
        if one.type == "datetime":
            parsed = pd.to_datetime(values)
            other = parsed.dtype.kind == "M" and getattr(parsed.dt, "unit", "ns") != "ns"
            return parsed.dt.as_unit("ns") if other else parsed
        if (one.pandas is object or one.numpy.kind == "U") and isinstance(values.dtype, pd.StringDtype):
            return values
        return values.astype(one.pandas)

    def enforce(self, data):
        """What the model is given. Raises Fault with MLflow's reason."""
        if self.inputs is None:
            return data
        try:
            return self._enforce_tensors(data) if self.tensors else self._enforce_columns(_frame(data))
        except Fault as fault:
            raise invalid_value(str(fault)) from None
        except Exception as error:
            raise invalid_value(str(error)) from None

    def _check_names(self, given):
        required = [one.name for one in self.inputs if one.required]
        missing = [name for name in required if name not in given]
        extra = [name for name in given if name not in self.by_name]
        if missing:
            note = f" Note that there were extra inputs: {extra}." if extra else ""
            raise Fault(f"Model is missing inputs {missing}.{note}")

    def _enforce_columns(self, frame):
        if self.named:
            self._check_names(list(frame.columns))
            pairs = [(one.name, one) for one in self.inputs if one.name in frame]
        else:
            if len(frame.columns) < len(self.inputs):
                raise Fault(
                    f"Model inference is missing inputs. The model signature declares {len(self.inputs)} inputs "
                    f" but the provided value only has {len(frame.columns)} inputs. Note: the inputs were not named "
                    "in the signature so we can only verify their count."
                )
            pairs = list(zip(frame.columns, self.inputs))
        return pd.DataFrame({name: _widened(name, frame[name], one) for name, one in pairs})

    def _enforce_tensors(self, data):
        if self.named:
            if isinstance(data, np.ndarray) and len(self.inputs) == 1:
                data = {self.inputs[0].name: data}
            self._check_names(list(data))
            if isinstance(data, pd.DataFrame):
                return {one.name: _tensor_of(one.name, data[one.name], one) for one in self.inputs}
            for one in self.inputs:
                if not isinstance(data[one.name], np.ndarray):
                    raise Fault(
                        "This model contains a tensor-based model signature with input names, which suggests a dictionary "
                        "input mapping input name to a numpy array, but a dict with value type "
                        f"{type(data[one.name])} was found."
                    )
            return {one.name: _checked(data[one.name], one) for one in self.inputs}
        one = self.inputs[0]
        if not isinstance(data, pd.DataFrame):
            if not isinstance(data, np.ndarray):
                raise Fault(
                    "This model contains a tensor-based model signature with no input names, which suggests a numpy array "
                    "input or a pandas dataframe input with proper column values, but an input of type "
                    f"{type(data)} was found."
                )
            return _checked(data, one)
        if data.empty:
            raise Fault("Input DataFrame is empty.")
        if len(data.columns) == 1:
            return _tensor_of(None, data[data.columns[0]], one)
        if one.shape != (-1, len(data.columns)):
            raise Fault(
                f"Instead, the input DataFrame passed had {len(data.columns)} columns and an input shape of {one.shape}"
            )
        return _checked(data.to_numpy(), one)


def _frame(data):
    """What was read of `inputs` or `instances`, as a data frame."""
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, dict):
        texts = lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value)
        if all(np.isscalar(value) or value is None or texts(value) for value in data.values()):
            return pd.DataFrame([data])
        if all(isinstance(value, np.ndarray) and value.dtype.kind == "U" and value.shape == () for value in data.values()):
            return pd.DataFrame([data])
        several = lambda value: isinstance(value, np.ndarray) and value.ndim > 1
        try:
            return pd.DataFrame({name: value.tolist() if several(value) else value for name, value in data.items()})
        except Exception as error:
            raise Fault(f"There was an error casting the input data to a DataFrame: {error}") from None
    return pd.DataFrame([data] if np.isscalar(data) else data)


def _widened(name, values, one):
    """Values of a column where they are of the signature's type, or of one that fits into it."""
    target = one.numpy
    if values.dtype == object and one.type not in ("binary", "string"):
        values = values.infer_objects()
    given = values.dtype
    text = isinstance(given, pd.StringDtype)
    if one.type in ("string", "binary") and (given == object or text):
        return values
    if given == one.pandas or given == target:
        return values
    if one.type == "datetime" and (given.kind == "M" or given == object):
        return values.astype(target)
    if one.type == "boolean" and given == object:
        # None is not False.
        return values
    if one.type == "double" and given == object:
        try:
            return pd.to_numeric(values)
        except ValueError:
            raise Fault(f"Failed to convert column {name} from type {given} to DataType.double.") from None
    kind = getattr(given, "kind", "O")
    fits = False
    if kind == target.kind:
        fits = given.itemsize <= target.itemsize
    elif kind == "u" and target.kind == "i":
        fits = given.itemsize < target.itemsize
    elif kind in "iu" and target == np.float64:
        fits = given.itemsize <= 6
    if fits or (given == np.int64 and target.kind == "f" and all(pd.isnull(x) or x in (0, 1) for x in values)):
        return values.astype(target)
    raise Fault(f"Incompatible input types for column {name}. Can not safely convert {given} to {target}.")


def _checked(values, one):
    """A tensor of the right type and shape."""
    if one.shape == (-1,) and one.numpy == object:
        return values
    if len(one.shape) > 1 and -1 in one.shape[1:] and values.ndim == 1 and values.dtype == object:
        return values
    sizes = zip(one.shape, values.shape)
    if len(one.shape) != values.ndim or any(expected not in (-1, given) for expected, given in sizes):
        raise Fault(f"Shape of input {values.shape} does not match expected shape {one.shape}.")
    # Texts and bytes have a type of their own for every length.
    given = np.dtype(values.dtype.kind) if values.dtype.kind in "US" else values.dtype
    if given != one.numpy:
        raise Fault(f"dtype of input {values.dtype} does not match expected dtype {one.numpy}")
    return values


def _tensor_of(name, values, one):
    """A tensor of a data frame's column: of numbers, or of lists of them."""
    if one.shape[0] != -1 or -1 in one.shape[1:]:
        raise Fault(
            "For pandas dataframe input, the first dimension of shape must be a variable dimension and other dimensions "
            f"must be fixed, but in model signature the shape of {f'input {name}' if name else 'the unnamed input'} is {one.shape}."
        )
    if np.isscalar(values[0]):
        if one.shape in ((-1,), (-1, 1)):
            return _checked(np.array(values, dtype=one.numpy).reshape(one.shape), one)
        raise Fault(
            f"The input pandas dataframe column '{name}' contains scalar values, which requires the shape to be (-1,) or "
            f"(-1, 1), but got tensor spec shape of {one.shape}."
        )
    try:
        tensor = np.vstack(values.tolist()).reshape(one.shape).astype(one.numpy)
    except ValueError:
        tensor = None
    if tensor is None or len(tensor) != len(values):
        raise Fault(
            f"The value in the Input DataFrame column '{name}' could not be converted to the expected shape of: '{one.shape}'."
        )
    return tensor
