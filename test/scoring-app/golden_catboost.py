#!/usr/bin/env python3
"""Writes golden/catboost. CatBoost always writes a ZipMap, and names no version of ONNX's own operators.

    python3 -m venv VENV && VENV/bin/pip install catboost==1.2.10 scikit-learn==1.9.1 && VENV/bin/python golden_catboost.py
"""

import json
from pathlib import Path

import numpy as np
from catboost import CatBoostClassifier
from sklearn.datasets import load_iris

FOLDER = Path(__file__).resolve().parent / "golden" / "catboost"
FOLDER.mkdir(exist_ok=True)
iris = load_iris()
flowers = iris.data[::5].astype(np.float32)
model = CatBoostClassifier(iterations=5, verbose=0, random_seed=0, allow_writing_files=False).fit(iris.data, iris.target)
model.save_model(str(FOLDER / "model.onnx"), format="onnx")
answers = {
    "columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
    "data": flowers.tolist(),
    "predictions": model.predict(flowers).ravel().tolist(),
    "probabilities": model.predict_proba(flowers).tolist(),
}
(FOLDER / "answers.json").write_text(json.dumps(answers) + "\n", encoding="utf-8")
