"""Predictions as JSON, as MLflow's server writes them."""

import base64
import datetime
import json

import numpy as np
import pandas as pd


class NoRows(Exception):
    """Predictions that have no row a row."""


def values(result):
    """Of one request: whatever JSON has, or nearly."""
    if isinstance(result, np.ndarray):
        return result.tolist()
    if isinstance(result, pd.DataFrame):
        return result.to_dict(orient="records")
    if isinstance(result, pd.Series):
        return pd.DataFrame(result).to_dict(orient="records")
    return result


def split(result, sizes):
    """Of several requests that have so many rows each. Raises NoRows."""
    if not isinstance(result, (np.ndarray, pd.DataFrame, pd.Series, list)) or getattr(result, "ndim", 1) == 0:
        raise NoRows(f"predictions of type {type(result).__name__} have no rows")
    if len(result) != sum(sizes):
        raise NoRows(f"{sum(sizes)} rows get {len(result)} predictions")
    rows = values(result)
    parts = []
    at = 0
    for size in sizes:
        parts.append(rows[at : at + size])
        at += size
    return parts


def _other(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (bytes, bytearray)):
        return base64.encodebytes(value).decode("ascii")
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if hasattr(value, "model_dump"):
        return value.model_dump()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


encode = json.JSONEncoder(default=_other).encode
