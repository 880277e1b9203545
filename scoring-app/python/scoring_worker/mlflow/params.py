"""Parameters beside the rows, as the signature declares them."""

import datetime

import numpy as np

from .faults import Fault, invalid_value

# Python types that are taken for each of MLflow's.
TAKEN = {
    **{"boolean": (bool,), "integer": (int,), "long": (int,), "float": (float, int), "double": (float, int)},
    **{"string": (str,), "datetime": (str,)},
}


def checked(given, specs):
    """The declared parameters, each with its value or default. Raises Fault."""
    if specs is None:
        return {}
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise invalid_value(f"Parameters must be a dictionary. Got type '{type(given).__name__}'.")
    values = {}
    faults = []
    for spec in specs:
        name = spec["name"]
        kind = spec.get("type") or spec.get("dtype")
        value = given[name] if name in given else spec["default"]
        try:
            values[name] = _value(value, kind, spec.get("shape"))
        except Fault as fault:
            faults.append(f"{name}: {fault}")
    if faults:
        raise invalid_value(f"Invalid parameters found: {'; '.join(faults)}")
    return values


def _value(value, kind, shape):
    if shape is None:
        return _scalar(value, kind)
    if not isinstance(value, list) or np.array(value).ndim != 1:
        raise Fault(f"Value must be a 1D array with shape (-1,), received {type(value).__name__}")
    return [_scalar(one, kind) for one in value]


def _scalar(value, kind):
    if value is None or kind == "object":
        return value
    if not isinstance(value, TAKEN[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise Fault(f"Can not safely convert `{type(value)}` to `{kind}` for value `{value}`")
    if kind == "datetime":
        try:
            moment = np.datetime64(value).item()
        except ValueError:
            moment = None
        if not isinstance(moment, datetime.date):
            raise Fault(f"Failed to convert value `{value}` from type `{type(value)}` to `{kind}`")
        return moment
    return float(value) if kind in ("float", "double") else value
