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
    faults = set()
    for spec in specs:
        name = spec["name"]
        kind = spec.get("type") or spec.get("dtype")
        default = spec["default"]
        if kind in ("float", "double") and isinstance(default, int):
            # As JSON of the app has it.
            default = float(default)
        value = given[name] if name in given else default
        shape = spec.get("shape")
        told = f"{name!r}: {kind} (default: {default})" + (f" (shape: {tuple(shape)})" if shape else "")
        if shape is not None and (not isinstance(value, list) or np.ndim(value) != 1):
            faults.add((
                name,
                f"Value must be a 1D array with shape (-1,) for param {told}, received {type(value).__name__} with "
                f"ndim {np.array(value).ndim}",
            ))
            continue
        try:
            values[name] = _scalar(value, kind) if shape is None else [_scalar(one, kind) for one in value]
        except Fault as fault:
            faults.add((name, f"Failed to validate type and shape for {told}, error: {fault}"))
    if faults:
        raise invalid_value(f"Invalid parameters found: {faults!r}")
    return values


def _scalar(value, kind):
    if value is None or kind == "object":
        return value
    if not np.isscalar(value):
        raise Fault(f"Value must be a scalar for type `DataType.{kind}`, got `{value}`")
    if not isinstance(value, TAKEN[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise Fault(f"Can not safely convert `{type(value)}` to `DataType.{kind}` for value `{value}`")
    if kind == "datetime":
        try:
            moment = np.datetime64(value).item()
        except ValueError:
            moment = None
        if not isinstance(moment, datetime.date):
            raise Fault(f"Failed to convert value `{value}` from type `{type(value)}` to `DataType.{kind}`")
        return moment
    return float(value) if kind in ("float", "double") else value
