import glob
import json
import os

import joblib


def init():
    global models
    # AZUREML_MODEL_DIR/NAME/VERSION/FILE
    models = {}
    for path in glob.glob(os.path.join(os.environ["AZUREML_MODEL_DIR"], "*", "*", "model.pkl")):
        name = path.split(os.sep)[-3]
        models[name] = joblib.load(path)


def run(data):
    request = json.loads(data)
    names = [request["model"]] if "model" in request else sorted(models)
    return {name: models[name].predict(request["data"][name]).tolist() for name in names}
