"""Trains a ridge regression on the diabetes data that scikit-learn ships, and saves it as an MLflow model:

    pip install mlflow scikit-learn && python train.py FOLDER [FORMAT]

FORMAT is skops, pickle or cloudpickle; MLflow's default unless given.
"""

import sys

import mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rows, target = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
rows = rows.astype(float)
model = make_pipeline(StandardScaler(), Ridge()).fit(rows, target)
mlflow.sklearn.save_model(
    model,
    sys.argv[1],
    **dict(zip(["serialization_format"], sys.argv[2:])),
    signature=infer_signature(rows, model.predict(rows)),
    input_example=rows[:2],
)
