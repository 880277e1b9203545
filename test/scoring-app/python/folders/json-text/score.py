import io
import json
import os
import time

import joblib
import pandas as pd

names = ["setosa", "versicolor", "virginica"]


def init():
    global model
    model = joblib.load(os.path.join(os.path.dirname(os.path.realpath(__file__)), "iris.joblib"))


def run(input_df):
    try:
        start = time.time()
        rows = pd.read_json(io.StringIO(input_df), orient="records")
        pred = model.predict(rows.to_numpy())
        print("took", time.time() - start)
        return json.dumps({"result": [names[i] for i in pred]})
    except Exception as e:
        return json.dumps({"error": str(e)})
