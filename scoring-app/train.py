#!/usr/bin/env python3
"""Trains the model that the image ships and writes what the tests compare it with.

    python3 -m venv VENV && VENV/bin/pip install -r train-requirements.txt && VENV/bin/python train.py

writes model/model.onnx, model/model.json and model/diabetes.json (442 patients, which come with scikit-learn, and its predictions; not
in the image), and the tests' golden models with each library's own answers, ../test/scoring-app/golden (more of them: golden_shapes.py).
"""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import onnx
from lightgbm import LGBMClassifier
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as OnnxmlFloatTensorType
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import GradientBoostingRegressor, IsolationForest, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from xgboost import XGBRegressor

FOLDER = Path(__file__).resolve().parent
GOLDEN = FOLDER.parent / "test" / "scoring-app" / "golden"
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
    sample = data.data[:5].round(6)
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
                    "sample": sample.tolist(),
                    "range": [[round(c.min(), 6), round(c.max(), 6)] for c in data.data.T],
                }
            ],
            # What the app must compute of the sample; it does not start otherwise.
            "expected": model.predict(sample).tolist(),
        },
    )
    reference = {
        "model": sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "data": data.data.tolist(),
        "predictions": model.predict(data.data).tolist(),
    }
    write_json(folder / "diabetes.json", reference)


def save(name, onnx, description, columns, rows, predictions, probabilities=None):
    """One golden model: ONNX file, model.json (None: a folder without one) and the library's own answers."""
    folder = GOLDEN / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx.SerializeToString())
    if description is not None:
        write_json(folder / "model.json", description)
    answers = {"columns": columns, "data": rows, "predictions": predictions}
    if probabilities is not None:
        answers["probabilities"] = probabilities
    write_json(folder / "answers.json", answers)


def tensor(columns, width, kind=FloatTensorType):
    return [("features", kind([None, width]))], {
        "inputs": [{"name": "features", "type": "float32", "shape": [None, width], "columns": columns}]
    }


def golden_sklearn():
    data = load_diabetes()
    names = list(data.feature_names)
    rows = data.data[:40].astype(np.float32)
    initial, description = tensor(names, 10)

    ridge = Ridge(alpha=0.03).fit(data.data, data.target)
    save("ridge", to_onnx(ridge, initial_types=initial, target_opset=TARGET_OPSET), None, names,
         rows.tolist(), ridge.predict(rows).tolist())

    double = to_onnx(ridge, initial_types=[("features", DoubleTensorType([None, 10]))], target_opset=TARGET_OPSET)
    save("ridge-double", double, None, names, data.data[:40].tolist(), ridge.predict(data.data[:40]).tolist())

    fixed = to_onnx(ridge, initial_types=[("features", FloatTensorType([1, 10]))], target_opset=TARGET_OPSET)
    save("one-row", fixed, None, names, rows.tolist(), ridge.predict(rows).tolist())

    several = LinearRegression().fit(data.data, np.column_stack([data.target, 2 * data.target, data.data[:, 2]]))
    save("multi-output", to_onnx(several, initial_types=initial, target_opset=TARGET_OPSET), description, names,
         rows.tolist(), several.predict(rows).tolist())

    iris = load_iris()
    flowers = iris.data[::5].astype(np.float32)
    initial4, description4 = tensor(["sepal_length", "sepal_width", "petal_length", "petal_width"], 4)
    species = np.array(iris.target_names)[iris.target]
    multi = LogisticRegression(max_iter=1000).fit(iris.data, species)
    onnx = to_onnx(multi, initial_types=initial4, options={"zipmap": False}, target_opset=TARGET_OPSET)
    save("multiclass", onnx, description4, description4["inputs"][0]["columns"], flowers.tolist(),
         multi.predict(flowers).tolist(), multi.predict_proba(flowers).tolist())
    zipmap = to_onnx(multi, initial_types=initial4, target_opset=TARGET_OPSET)
    save("zipmap", zipmap, None, description4["inputs"][0]["columns"], flowers.tolist(), multi.predict(flowers).tolist(),
         multi.predict_proba(flowers).tolist())

    binary = LogisticRegression(max_iter=1000).fit(iris.data, (iris.target == 2).astype(int))
    onnx = to_onnx(binary, initial_types=initial4, options={"zipmap": False}, target_opset=TARGET_OPSET)
    save("binary", onnx, description4, description4["inputs"][0]["columns"], flowers.tolist(),
         binary.predict(flowers).tolist(), binary.predict_proba(flowers).tolist())


def golden_columns():
    """A pipeline with one input a column: strings, integers and floats; nulls are imputed."""
    random = np.random.default_rng(7)
    count = 200
    frame = pd.DataFrame({
        "age": random.integers(18, 90, count),
        "income": random.normal(50_000, 15_000, count).round(2).astype(np.float32),
        "city": random.choice(["Bern", "Köln", "Łódź"], count),
        "member": random.choice(["yes", "no"], count),
    })
    target = frame["age"] * 2 + frame["income"] / 1000 + (frame["city"] == "Köln") * 30
    numbers = Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler())])
    frame.loc[::17, "income"] = np.nan
    model = Pipeline([
        ("prepare", ColumnTransformer([
            ("income", numbers, ["income"]),
            ("age", StandardScaler(), ["age"]),
            ("text", OneHotEncoder(handle_unknown="ignore"), ["city", "member"]),
        ])),
        ("regress", Ridge()),
    ]).fit(frame, target)
    initial = [
        ("age", Int64TensorType([None, 1])),
        ("income", FloatTensorType([None, 1])),
        ("city", StringTensorType([None, 1])),
        ("member", StringTensorType([None, 1])),
    ]
    onnx = to_onnx(model, initial_types=initial, target_opset=TARGET_OPSET)
    part = frame[:40]
    rows = [[None if cell != cell else cell for cell in row] for row in part.astype(object).values.tolist()]
    description = {"name": "customers", "inputs": [
        {"name": "age", "sample": [40], "range": [[18, 90]]}, {"name": "city", "sample": ["Bern"]},
    ]}
    save("columns", onnx, description, list(frame.columns), rows, model.predict(part).tolist())


def golden_boosting():
    data = load_diabetes()
    names = list(data.feature_names)
    rows = data.data[:40].astype(np.float32)
    holes = rows.copy()
    holes[::3, 2] = np.nan
    holes[::4, 8] = np.nan
    initial, description = tensor(names, 10)
    nulls = [[None if cell != cell else cell for cell in row] for row in holes.tolist()]

    imputed = make_pipeline(SimpleImputer(), Ridge(alpha=0.03)).fit(data.data, data.target)
    save("missing-values", to_onnx(imputed, initial_types=initial, target_opset=TARGET_OPSET), description, names, nulls,
         imputed.predict(holes).tolist())

    boosted = GradientBoostingRegressor(n_estimators=60, random_state=0).fit(data.data.astype(np.float32), data.target)
    save("gradient-boosting", to_onnx(boosted, initial_types=initial, target_opset=TARGET_OPSET), description, names,
         rows.tolist(), boosted.predict(rows).tolist())

    kinds = [("features", OnnxmlFloatTensorType([None, 10]))]
    xgb = XGBRegressor(n_estimators=60, max_depth=4, random_state=0).fit(data.data.astype(np.float32), data.target)
    save("xgboost", convert_xgboost(xgb, initial_types=kinds, target_opset=15), description, names, nulls,
         xgb.predict(holes).tolist())

    high = (data.target > 140).astype(int)
    lgb = LGBMClassifier(n_estimators=60, random_state=0, verbose=-1).fit(data.data.astype(np.float32), high)
    save("lightgbm", convert_lightgbm(lgb, initial_types=kinds, zipmap=False, target_opset=15), description, names,
         rows.tolist(), lgb.predict(rows).tolist(), lgb.predict_proba(rows).tolist())


def golden_peculiar():
    """Where converters are peculiar: see the comment beside each."""
    iris = load_iris()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    flowers = iris.data[::15].astype(np.float32)
    large = (iris.data[:, 0] > 5.8).astype(int)
    initial, _ = tensor(names, 4)

    def convert(model, **options):
        return to_onnx(model, initial_types=initial, target_opset=TARGET_OPSET,
                       options={id(model): options} if options else None)

    # Without model.json: the sample has to be found, since the encoder refuses an unknown category.
    random = np.random.default_rng(11)
    frame = pd.DataFrame({
        "rooms": random.integers(2, 6, 120),
        "area": random.normal(80, 20, 120).round(1).astype(np.float32),
        "city": random.choice(["Bern", "Köln"], 120),
        "grade": random.choice(["a", "b", "c"], 120),
    })
    target = frame["rooms"] * 10 + frame["area"] + (frame["city"] == "Köln") * 30
    strict = Pipeline([
        ("prepare", ColumnTransformer([
            ("area", StandardScaler(), ["area"]),
            ("categories", OneHotEncoder(), ["rooms", "city", "grade"]),
        ])),
        ("regress", Ridge()),
    ]).fit(frame, target)
    kinds = [("rooms", Int64TensorType([None, 1])), ("area", FloatTensorType([None, 1])),
             ("city", StringTensorType([None, 1])), ("grade", StringTensorType([None, 1]))]
    part = frame[:16]
    save("strict-categories", to_onnx(strict, initial_types=kinds, target_opset=TARGET_OPSET), None, list(frame.columns),
         part.astype(object).values.tolist(), strict.predict(part).tolist())

    # A second output named "scores", which are no probabilities.
    outliers = IsolationForest(n_estimators=2, max_samples=16, random_state=0).fit(iris.data)
    save("outliers", convert(outliers), None, names, flowers.tolist(), outliers.predict(flowers).tolist())

    # A second output named "probabilities", which holds decision values.
    margin = LinearSVC().fit(iris.data, iris.target)
    save("decision-values", convert(margin), None, names, flowers.tolist(), margin.predict(flowers).tolist())

    # Labels with the rows in the second dimension.
    quadratic = QuadraticDiscriminantAnalysis().fit(iris.data, iris.target)
    save("labels-across", convert(quadratic, zipmap=False), None, names, flowers.tolist(),
         quadratic.predict(flowers).tolist(), quadratic.predict_proba(flowers).tolist())

    # One output a class.
    logistic = LogisticRegression(max_iter=1000).fit(iris.data, iris.target)
    save("output-a-class", convert(logistic, zipmap="columns"), None, names, flowers.tolist(),
         logistic.predict(flowers).tolist(), logistic.predict_proba(flowers).tolist())

    # Probabilities with the targets before the rows, which are not served.
    both = RandomForestClassifier(n_estimators=2, max_depth=2, random_state=0).fit(iris.data, np.column_stack([iris.target, large]))
    save("two-labels", convert(both, zipmap=False), None, names, flowers.tolist(), both.predict(flowers).tolist())

    # Text, whose operator asks the system for a locale: tested in the image, which has it.
    reviews = ["good nice film", "bad awful film", "nice", "awful"]
    text = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(reviews, [1, 0, 1, 0])
    onnx_text = to_onnx(text, initial_types=[("review", StringTensorType([None, 1]))], options={"zipmap": False},
                        target_opset=TARGET_OPSET)
    (GOLDEN / "text").mkdir(exist_ok=True)
    (GOLDEN / "text" / "model.onnx").write_bytes(onnx_text.SerializeToString())

    # Weights in a file beside model.onnx.
    data = load_diabetes()
    ridge = Ridge(alpha=0.03).fit(data.data, data.target)
    rows = data.data[:5].astype(np.float32)
    initial10, _ = tensor(list(data.feature_names), 10)
    whole = to_onnx(ridge, initial_types=initial10, target_opset=TARGET_OPSET)
    weights = onnx.helper.make_node("MatMul", ["features", "weights"], ["product"])
    bias = onnx.helper.make_node("Add", ["product", "bias"], ["variable"])
    graph = onnx.helper.make_graph([weights, bias], "ridge", whole.graph.input, whole.graph.output, [
        onnx.numpy_helper.from_array(ridge.coef_.astype(np.float32).reshape(10, 1), "weights"),
        onnx.numpy_helper.from_array(np.array([ridge.intercept_], np.float32), "bias"),
    ])
    external = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)
    save("external-data", external, None, list(data.feature_names), rows.tolist(), ridge.predict(rows).tolist())
    (GOLDEN / "external-data" / "weights.data").unlink(missing_ok=True)
    onnx.save_model(external, str(GOLDEN / "external-data" / "model.onnx"), save_as_external_data=True,
                    location="weights.data", size_threshold=0)

    # One row a run, which only the graph's inside says.
    reshape = onnx.helper.make_node("Reshape", ["features", "shape"], ["variable"])
    graph = onnx.helper.make_graph([reshape], "hidden", whole.graph.input,
                                   [onnx.helper.make_tensor_value_info("variable", onnx.TensorProto.FLOAT, [None, 10])],
                                   [onnx.numpy_helper.from_array(np.array([1, 10], np.int64), "shape")])
    hidden = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)
    save("hidden-one-row", hidden, None, list(data.feature_names), rows.tolist(), rows.tolist())


if __name__ == "__main__":
    diabetes()
    golden_sklearn()
    golden_columns()
    golden_boosting()
    golden_peculiar()
