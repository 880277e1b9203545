"""Trains the models of these folders on data that scikit-learn brings, with the Python that their tests use.

    pip install pandas==3.1.1 scikit-learn==1.9.1
    python test/scoring-app/python/folders/train.py
"""

import pickle
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE / "own-modules/onlinescoring"))

from preprocessing.scaling import Standardized  # noqa: E402: what is pickled is found there

people = load_diabetes()
iris = load_iris(as_frame=True)
wine = load_wine()

ridge = Ridge(alpha=0.5).fit(people.data, people.target)
joblib.dump(ridge, HERE / "raw/sklearn_regression_model.pkl")
np.savez(HERE / "numpy/weights.npz", coefficients=ridge.coef_, intercept=ridge.intercept_)
joblib.dump(ridge, HERE / "several-models/azureml-models/diabetes-ridge/1/model.pkl")

flowers = iris.data.set_axis(["sepal_length", "sepal_width", "petal_length", "petal_width"], axis=1)
means = flowers.groupby(iris.target_names[iris.target]).mean()
means.rename_axis("species").to_csv(HERE / "standard/species.csv")
# What members pay for drinks is made up: a table that pandas reads.
pd.Series({"wine": 3.5, "beer": 1.25}, name="weight").rename_axis("drink").to_csv(HERE / "pandas/weights.csv")

digits = load_digits()
joblib.dump(GaussianNB(var_smoothing=0.01).fit(digits.data, digits.target), HERE / "rawhttp/digits.pkl")

scaled = Standardized(people.data)
model = {"scaling": scaled, "regression": Ridge(alpha=0.5).fit(scaled.transform(people.data), people.target)}
with open(HERE / "own-modules/model/model.pkl", "wb") as file:
    pickle.dump(model, file)

classifier = make_pipeline(StandardScaler(), LogisticRegression()).fit(wine.data, wine.target)
joblib.dump(classifier, HERE / "several-models/azureml-models/wine-classifier/3/model.pkl")
joblib.dump(classifier, HERE / "get-model-path/outputs/model.pkl")
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(iris.data.to_numpy(), iris.target)
for folder in ("json-text", "headers/model"):
    joblib.dump(tree, HERE / folder / "iris.joblib")
