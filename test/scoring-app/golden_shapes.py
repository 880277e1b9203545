#!/usr/bin/env python3
"""Golden models with outputs and inputs of other shapes and types, and one that its converter gets wrong: as ../../scoring-app/train.py,
in the same environment. Each has a small model.json whose `expected` the app checks at start.

    VENV/bin/python golden_shapes.py
"""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scoring-app"))
from train import GOLDEN, TARGET_OPSET, save, write_json  # noqa: E402


def write(name, onnx, description):
    """A model that is compared with nothing but its `expected`."""
    folder = GOLDEN / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx.SerializeToString())
    write_json(folder / "model.json", description)


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
    write("histogram-categories", onnx, {
        "name": "cities",
        "inputs": [{"name": "features", "columns": ["city", "size"], "sample": sample.tolist()}],
        "expected": model.predict(sample).tolist(),
        "expected_proba": model.predict_proba(sample).tolist(),
    })


def outputs():
    """Several numbers a row, in each way that an ONNX file has them."""
    data = load_diabetes()
    names = list(data.feature_names)
    rows = data.data[:12]

    # Two outputs, each with a number a row.
    process = GaussianProcessRegressor(RBF() + WhiteKernel()).fit(data.data[:60], data.target[:60])
    onnx = to_onnx(process, initial_types=[("features", DoubleTensorType([None, 10]))],
                   options={id(process): {"return_std": True}}, target_opset=TARGET_OPSET)
    save("two-outputs", onnx, None, names, rows.tolist(), np.column_stack(process.predict(rows, return_std=True)).tolist())

    # One column with the rows' numbers one after another.
    targets = np.column_stack([data.target, 100 * data.data[:, 2]])
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=300, solver="lbfgs", random_state=0).fit(data.data, targets)
    onnx = to_onnx(network, initial_types=[("features", FloatTensorType([None, 10]))], target_opset=TARGET_OPSET)
    save("in-one-column", onnx, None, names, rows.tolist(), network.predict(rows.astype(np.float32)).tolist())

    # A table a row.
    onnx = graph_of([helper.make_node("Reshape", ["features", "shape"], ["table"])], ("features", TensorProto.FLOAT, [None, 10]),
                    [("table", TensorProto.FLOAT, [None, 5, 2])], shape=np.array([0, 5, 2], np.int64))
    save("table-a-row", onnx, None, names, rows.tolist(), rows.reshape(-1, 5, 2).tolist())


def inputs():
    """Images, bytes, and floats of two bytes."""
    digits = load_digits()
    images = digits.images[:12].astype(np.uint8)
    logistic = LogisticRegression(max_iter=3000).fit(digits.data, digits.target)
    nodes = [
        helper.make_node("Cast", ["image"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["floats"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["scores"], transB=1),
        helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    onnx = graph_of(nodes, ("image", TensorProto.UINT8, [None, 8, 8]),
                    [("label", TensorProto.INT64, [None]), ("probabilities", TensorProto.FLOAT, [None, 10])],
                    weights=logistic.coef_.astype(np.float32), bias=logistic.intercept_.astype(np.float32))
    flat = images.reshape(-1, 64)
    save("digits", onnx, {"inputs": [{"name": "image", "sample": images[:3].tolist()}], "expected": digits.target[:3].tolist()},
         None, images.tolist(), logistic.predict(flat).tolist(), logistic.predict_proba(flat).tolist())

    # One channel before height and width, as PyTorch has it.
    kernel = np.random.default_rng(3).normal(size=(2, 1, 8, 8)).round(2).astype(np.float32)
    onnx = graph_of([helper.make_node("Conv", ["image", "kernel"], ["windows"]), helper.make_node("Flatten", ["windows"], ["sums"])],
                    ("image", TensorProto.FLOAT, [None, 1, 8, 8]), [("sums", TensorProto.FLOAT, [None, 2])], kernel=kernel)
    channels = images[:, np.newaxis] / 16
    save("channels-first", onnx, None, None, channels.tolist(), np.einsum("nchw,kchw->nk", channels, kernel).tolist())

    data = load_diabetes()
    ridge = Ridge(alpha=0.03).fit(data.data, data.target)
    onnx = graph_of([helper.make_node("Gemm", ["features", "weights", "bias"], ["variable"], transB=1)],
                    ("features", TensorProto.FLOAT16, [None, 10]), [("variable", TensorProto.FLOAT16, [None, 1])],
                    weights=ridge.coef_.reshape(1, 10).astype(np.float16), bias=np.array([ridge.intercept_], np.float16))
    sample = data.data[:5].astype(np.float16).tolist()
    write("float16", onnx, {"inputs": [{"name": "features", "type": "float16", "sample": sample}],
                            "expected": ridge.predict(sample).tolist(), "tolerance": 0.5})


def graph_of(nodes, taken, given, **constants):
    graph = helper.make_graph(nodes, "shapes", [helper.make_tensor_value_info(*taken)],
                              [helper.make_tensor_value_info(*output) for output in given],
                              [numpy_helper.from_array(value, name) for name, value in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


if __name__ == "__main__":
    histogram_categories()
    outputs()
    inputs()
