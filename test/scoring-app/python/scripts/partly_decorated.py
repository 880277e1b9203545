"""A run() with parameters that no decorator tells of."""

from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
from inference_schema.schema_decorators import input_schema


def init():
    pass


@input_schema("data", StandardPythonParameterType([1]))
def run(data, needed, request_headers, method="predict"):
    print("scored", data, repr(needed), method, type(request_headers).__name__)
    return data
