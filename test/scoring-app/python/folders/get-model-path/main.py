import json

import joblib
import numpy as np
from azureml.core.model import Model
from azureml.monitoring import ModelDataCollector


def init():
    global model, inputs_dc, prediction_dc
    # a file of another name was registered by this one
    model_path = Model.get_model_path(model_name="wine_model")
    model = joblib.load(model_path)
    inputs_dc = ModelDataCollector("wine_model", designation="inputs", feature_names=["alcohol", "malic_acid"])
    prediction_dc = ModelDataCollector("wine_model", designation="predictions", feature_names=["cultivar"])


def run(data):
    data = np.array(json.loads(data)["data"])
    result = model.predict(data)
    inputs_dc.collect(data)
    prediction_dc.collect(result)
    return {"cultivar": result.tolist()}
