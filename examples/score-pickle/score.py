"""An entry script with a pickled scikit-learn model, as Azure ML's examples have it."""

import json
import logging
import os

import joblib
import numpy as np

from classes import name_of


def init():
    global model
    model = joblib.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "wine.pkl"))
    logging.info("wine.pkl is loaded")


def run(raw_data):
    rows = np.array(json.loads(raw_data)["data"])
    return [name_of(label) for label in model.predict(rows)]
