"""A run() as automated ML writes it: records become a data frame."""

import pandas as pd
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType
from inference_schema.schema_decorators import input_schema, output_schema
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

import numpy as np

COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]


def init():
    global model
    data = load_diabetes(as_frame=True)
    model = Ridge(alpha=0.03).fit(data.data[COLUMNS], data.target)


@input_schema("data", PandasParameterType(pd.DataFrame([[0.1] * 10], columns=COLUMNS)))
@output_schema(NumpyParameterType(np.array([0.0])))
def run(data):
    return model.predict(data).tolist()
