"""An entry script whose decorators say what it takes and answers."""

import os

import joblib
import numpy as np
import pandas as pd
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType
from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType
from inference_schema.schema_decorators import input_schema, output_schema

SAMPLE = pd.DataFrame([{"age": 0.038, "sex": "female", "bmi": 0.062, "bp": 0.022}])


def init():
    global model
    model = joblib.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "diabetes.pkl"))


@input_schema("data", PandasParameterType(SAMPLE))
@output_schema(NumpyParameterType(np.array([207.0])))
def run(data):
    return model.predict(data).tolist()
