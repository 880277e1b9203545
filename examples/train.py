"""Trains the models of the examples on data that scikit-learn brings.

    pip install numpy==2.4.6 pandas==3.1.1 scikit-learn==1.9.1
    python examples/train.py
"""

import json
from pathlib import Path

import joblib
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = Path(__file__).resolve().parent


def wine(folder):
    rows, labels = load_wine(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    joblib.dump(model, folder / "wine.pkl")
    some = rows[[0, 70, 150]]
    names = ["barolo", "grignolino", "barbera"]
    sample = {"data": some.tolist(), "expected": [names[label] for label in model.predict(some)]}
    (folder / "sample_request.json").write_text(json.dumps(sample, indent=2) + "\n")


def diabetes(folder):
    data = load_diabetes(as_frame=True)
    people = data.data[["age", "sex", "bmi", "bp"]]
    people = people.assign(sex=people["sex"].gt(0).map({True: "female", False: "male"}))
    columns = make_column_transformer((OneHotEncoder(), ["sex"]), remainder="passthrough")
    joblib.dump(make_pipeline(columns, Ridge(alpha=0.03)).fit(people, data.target), folder / "diabetes.pkl")


wine(HERE / "score-pickle")
diabetes(HERE / "pandas-decorated")
