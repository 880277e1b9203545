import json
import logging
import os
import pickle

import numpy

import columns
from preprocessing import in_order


def init():
    """Called when the deployment starts or restarts."""
    global model
    model_path = os.path.join(os.getenv("AZUREML_MODEL_DIR"), "model/model.pkl")
    with open(model_path, "rb") as file:
        model = pickle.load(file)
    logging.info("Init complete")


def run(raw_data):
    """Called for each request."""
    logging.info("model 1: request received")
    people = json.loads(raw_data)["data"]
    data = numpy.array([in_order(person, columns.NAMES) for person in people])
    result = model["regression"].predict(model["scaling"].transform(data))
    logging.info("Request processed")
    return result.tolist()
