import logging
import os

import numpy as np
from inference_schema.schema_decorators import input_schema, output_schema
from inference_schema.parameter_types.numpy_parameter_type import NumpyParameterType

logger = logging.getLogger(__name__)

input_sample = np.array([[0.038, 0.051, 0.062, 0.022, -0.044, -0.035, -0.043, -0.003, 0.02, -0.018]])
output_sample = np.array([206.1])


def init():
    global weights
    weights = np.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "weights.npz"))
    logger.info("init done")


@input_schema("data", NumpyParameterType(input_sample))
@output_schema(NumpyParameterType(output_sample))
def run(data):
    logger.info("rows: %d", data.shape[0])
    return (data @ weights["coefficients"] + weights["intercept"]).tolist()
