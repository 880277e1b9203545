"""A run() with inference_schema's decorators."""

import numpy as np
import pandas as pd
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType
from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
from inference_schema.schema_decorators import input_schema, output_schema

frame = pd.DataFrame({"age": [59.5], "sex": [2], "name": ["x"], "ok": [True]})
nested = StandardPythonParameterType({"frame": PandasParameterType(frame), "note": StandardPythonParameterType("n")})


def init():
    pass


@input_schema("data", NumpyParameterType(np.array([[1.5, 2.0]])))
@input_schema("nested", nested, optional=True)
@input_schema("method", StandardPythonParameterType("predict"), convert_to_provided_type=False)
@output_schema(NumpyParameterType(np.array([1.0])))
def run(data, nested=None, method="predict"):
    result = {"sum": data.sum(axis=1).tolist(), "dtype": str(data.dtype), "method": method}
    if nested:
        given = nested["frame"]
        result["frame"] = given.to_dict("list")
        result["dtypes"] = {name: str(dtype) for name, dtype in given.dtypes.items()}
    return result
