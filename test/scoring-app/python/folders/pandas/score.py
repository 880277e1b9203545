# -*- coding: utf-8 -*-
import json
import logging
import os

import numpy as np
import pandas as pd

from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
from inference_schema.schema_decorators import input_schema, output_schema

input_sample = pd.DataFrame(
    {
        "drink": pd.Series(["wine"], dtype="object"),
        "amount": pd.Series([2], dtype="int64"),
        "price": pd.Series([4.5], dtype="float64"),
        "member": pd.Series([True], dtype="bool"),
        "bought": pd.Series(["2000-1-1"], dtype="datetime64[ns]"),
    }
)
output_sample = np.array([0.0])
method_sample = StandardPythonParameterType("predict")


def init():
    global weights
    path = os.path.join(os.getenv("AZUREML_MODEL_DIR"), "weights.csv")
    try:
        weights = pd.read_csv(path, index_col="drink")["weight"]
    except Exception as e:
        logging.error("loading %s failed: %s", path, e)
        raise


@input_schema("method", method_sample, convert_to_provided_type=False)
@input_schema("data", PandasParameterType(input_sample))
@output_schema(NumpyParameterType(output_sample))
def run(data, method="predict"):
    try:
        score = data["drink"].map(weights) * data["amount"] * data["price"]
        score = np.where(data["member"], score * 0.5, score)
        weekend = data["bought"].dt.dayofweek >= 5
        if method == "predict":
            result = np.where(weekend, score + 1, score)
        elif method == "columns":
            result = data.dtypes.astype(str).to_numpy()
        else:
            raise Exception(f"Invalid predict method argument received ({method})")
        return json.dumps({"result": result.tolist()})
    except Exception as e:
        return json.dumps({"error": str(e)})
