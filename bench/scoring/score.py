"""azureml-inference-server-http's entry script: scikit-learn, as the usual tutorial has it."""

import json
import os

from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge


def init():
    global model
    data = load_diabetes()
    boosting = os.environ["BENCH_MODEL"] == "gradient-boosting"
    model = (GradientBoostingRegressor(n_estimators=60, random_state=0) if boosting else Ridge(alpha=0.03)).fit(
        data.data, data.target
    )


def run(raw_data):
    return model.predict(json.loads(raw_data)["data"]).tolist()
