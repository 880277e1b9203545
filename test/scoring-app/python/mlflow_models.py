"""Makes the MLflow models that the tests serve: `python mlflow_models.py FOLDER`. Data ships with scikit-learn."""

import os
import sys
import time
import warnings

import lightgbm
import mlflow
import mlflow.lightgbm
import mlflow.pyfunc
import mlflow.sklearn
import mlflow.xgboost
import numpy as np
import pandas as pd
import xgboost
from mlflow.models import infer_signature
from mlflow.models.signature import ModelSignature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
folder = sys.argv[1]
path = lambda name: os.path.join(folder, name)

diabetes, progression = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
diabetes = diabetes.astype(float)
iris, species = load_iris(return_X_y=True, as_frame=True)


def save(module, name, model, rows, **options):
    signature = options.pop("signature", None) or infer_signature(rows, model.predict(rows))
    module.save_model(model, path(name), signature=signature, input_example=rows[:3], **options)


save(mlflow.sklearn, "ridge", make_pipeline(StandardScaler(), Ridge()).fit(diabetes, progression), diabetes)
forest = RandomForestClassifier(10, random_state=0).fit(iris, np.array(["a", "b", "c"])[species])
save(
    mlflow.sklearn,
    "probabilities",
    forest,
    iris,
    pyfunc_predict_fn="predict_proba",
    serialization_format="pickle",
    signature=infer_signature(iris, forest.predict_proba(iris)),
)
save(mlflow.sklearn, "array", LogisticRegression(max_iter=1000).fit(iris.to_numpy(), species), iris.to_numpy())
mlflow.sklearn.save_model(forest, path("unsigned"), serialization_format="cloudpickle")

# Columns of every type that a table of people has; a bound that is not always there.
people = pd.DataFrame({
    "job": ["cook", "clerk", "smith", "cook", "clerk", "smith"],
    "age": np.array([20, 30, 40, 50, 60, 70], dtype="int64"),
    "children": np.array([0, 1, 2, 3, 1, 0], dtype="int32"),
    "height": np.array([1.5, 1.6, 1.7, 1.8, 1.9, 2.0], dtype="float32"),
    "smokes": [True, False, True, False, False, True],
})
encoder = make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough")
save(mlflow.sklearn, "people", make_pipeline(encoder, Ridge()).fit(people, [1.0, 2, 3, 4, 5, 6]), people)

save(mlflow.xgboost, "xgboost", xgboost.XGBRegressor(n_estimators=5).fit(diabetes, progression), diabetes)
booster = xgboost.train({"max_depth": 3}, xgboost.DMatrix(diabetes, progression), 5)
mlflow.xgboost.save_model(
    booster,
    path("booster"),
    signature=ModelSignature(
        Schema([ColSpec("double", name) for name in diabetes.columns]),
        Schema([ColSpec("float")]),
        ParamSchema([ParamSpec("output_margin", "boolean", False), ParamSpec("iteration_range", "long", [0, 0], (-1,))]),
    ),
    input_example=diabetes[:3],
)
save(mlflow.lightgbm, "lightgbm", lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(iris, species), iris)
lgb = lightgbm.train({"verbose": -1}, lightgbm.Dataset(iris, species), 5)
save(mlflow.lightgbm, "lightgbm-booster", lgb, iris)


class Doubled(mlflow.pyfunc.PythonModel):
    """A row a row, with a parameter."""

    def predict(self, context, model_input, params=None):
        return pd.DataFrame({"doubled": 2 * model_input["x"], "by": (params or {}).get("by", 1.0) * model_input["x"]})


class Centred(mlflow.pyfunc.PythonModel):
    """Each row depends on its neighbours."""

    def predict(self, context, model_input, params=None):
        return (model_input["x"] - model_input["x"].mean()).to_numpy()


class Crowd(mlflow.pyfunc.PythonModel):
    """Tells how many rows are predicted together, refuses those below zero, and takes its time."""

    def predict(self, context, model_input, params=None):
        time.sleep(0.1)
        if (model_input["x"] < 0).any():
            raise ValueError("below zero")
        return np.full(len(model_input), len(model_input))


numbers = pd.DataFrame({"x": [1.5, 2.5, 4.0]})
one = Schema([ColSpec("double", "x")])
mlflow.pyfunc.save_model(
    path("doubled"),
    python_model=Doubled(),
    signature=ModelSignature(one, None, ParamSchema([ParamSpec("by", "double", 3.0)])),
    input_example=numbers,
)
mlflow.pyfunc.save_model(path("centred"), python_model=Centred(), signature=ModelSignature(one), input_example=numbers)
mlflow.pyfunc.save_model(path("crowd"), python_model=Crowd(), signature=ModelSignature(one), input_example=numbers)
