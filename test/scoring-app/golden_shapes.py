#!/usr/bin/env python3
"""Golden models with outputs and inputs of other shapes and types, and one that its converter gets wrong: as ../../scoring-app/train.py,
in the same environment. Each has a small model.json whose `expected` the app checks at start.

    VENV/bin/python golden_shapes.py
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scoring-app"))
from train import GOLDEN, TARGET_OPSET, write_json  # noqa: E402


def histogram_categories():
    """scikit-learn's histogram gradient boosting with a column of categories, which skl2onnx converts as if they were numbers."""
    random = np.random.default_rng(0)
    city = random.integers(0, 12, 300)
    rows = np.column_stack([city, random.normal(size=300).round(3)]).astype(np.float32)
    labels = np.array(["low", "middle", "high"])[np.isin(city, [1, 4, 5, 9]) * 1 + np.isin(city, [0, 2, 7, 8, 10, 11]) * 2]
    model = HistGradientBoostingClassifier(categorical_features=[0], max_iter=10, random_state=0).fit(rows, labels)
    onnx = to_onnx(model, initial_types=[("features", FloatTensorType([None, 2]))], options={"zipmap": False},
                   target_opset=TARGET_OPSET)
    sample = np.column_stack([np.arange(12), np.zeros(12)])
    folder = GOLDEN / "histogram-categories"
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx.SerializeToString())
    write_json(folder / "model.json", {
        "name": "cities",
        "inputs": [{"name": "features", "columns": ["city", "size"], "sample": sample.tolist()}],
        "expected": model.predict(sample).tolist(),
        "expected_proba": model.predict_proba(sample).tolist(),
    })


if __name__ == "__main__":
    histogram_categories()
