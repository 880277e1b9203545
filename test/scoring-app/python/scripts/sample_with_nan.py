"""A run() whose decorator's sample has a value that JSON does not have."""

import numpy as np
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.schema_decorators import input_schema


def init():
    pass


@input_schema("data", NumpyParameterType(np.array([[1.5, np.nan]])))
def run(data):
    print("scored", data.tolist())
    return data.shape
