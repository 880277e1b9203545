"""The usual tutorial's run(): JSON into scikit-learn."""

import json

from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge


def init():
    global model
    data = load_diabetes()
    model = Ridge(alpha=0.03).fit(data.data, data.target)


def run(raw_data):
    return model.predict(json.loads(raw_data)["data"]).tolist()
