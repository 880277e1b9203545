"""A run() that cannot score the sample of its own decorator."""

from inference_schema.parameter_types.standard_py_parameter_type import StandardPythonParameterType
from inference_schema.schema_decorators import input_schema


def init():
    pass


@input_schema("data", StandardPythonParameterType("not a number"))
def run(data):
    return float(data)
