#!/usr/bin/env python3
"""Trains the model that the image ships and writes what the tests compare it with.

    python3 -m venv VENV && VENV/bin/pip install -r train-requirements.txt && VENV/bin/python train.py

writes model/model.onnx, model/model.json and model/diabetes.json (the 442 patients and scikit-learn's own predictions;
it never gets into the image). The diabetes data come with scikit-learn.
"""

import json
from pathlib import Path

from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

FOLDER = Path(__file__).resolve().parent
# The newest operator set that ONNX Runtime 1.30 and the converter both know well.
TARGET_OPSET = {"": 21, "ai.onnx.ml": 3}


def write_json(path, value):
    path.write_text(json.dumps(value) + "\n", encoding="utf-8")


def diabetes():
    """Ridge on the diabetes data, as in the Azure ML tutorial whose two-row request everybody knows."""
    data = load_diabetes()
    model = Ridge(alpha=0.03).fit(data.data, data.target)
    for row in model.predict([list(range(1, 11)), list(range(10, 0, -1))]):
        print(f"diabetes: {row:.4f}")
    onnx = to_onnx(model, initial_types=[("features", FloatTensorType([None, 10]))], target_opset=TARGET_OPSET)
    folder = FOLDER / "model"
    (folder / "model.onnx").write_bytes(onnx.SerializeToString())
    write_json(
        folder / "model.json",
        {
            "name": "diabetes",
            "version": "1",
            "description": "Disease progression one year after baseline; scikit-learn Ridge(alpha=0.03), scaled features",
            "inputs": [
                {
                    "name": "features",
                    "type": "float32",
                    "shape": [None, 10],
                    "columns": data.feature_names,
                    "sample": [round(value, 6) for value in data.data[0].tolist()],
                    "range": [[round(c.min(), 6), round(c.max(), 6)] for c in data.data.T],
                }
            ],
        },
    )
    write_json(folder / "diabetes.json", {"data": data.data.tolist(), "predictions": model.predict(data.data).tolist()})


if __name__ == "__main__":
    diabetes()
