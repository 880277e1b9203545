"""Loads a model as its flavor says. Of each flavor there is a function that gives predict(data, params)."""

import importlib
import inspect
import os
import pickle
import sys

# Flavors that are loaded without mlflow.
DIRECT = ("sklearn", "xgboost", "lightgbm")


def load(spec):
    """What predicts. `spec` is what the app has read of MLmodel."""
    folder = spec["folder"]
    if spec["code"]:
        sys.path.insert(0, os.path.join(folder, spec["code"]))
    return LOADERS[spec["flavor"]](folder, spec["configuration"], spec["predict"])


def _unpickled(path, configuration):
    form = configuration.get("serialization_format", "pickle")
    if form == "skops":
        import skops.io

        return skops.io.load(path, trusted=configuration.get("skops_trusted_types"))
    with open(path, "rb") as file:
        # What cloudpickle has written, pickle reads, with cloudpickle's help.
        return pickle.load(file)


def _sklearn(folder, configuration, method):
    model = _unpickled(os.path.join(folder, configuration.get("pickled_model", "model.pkl")), configuration)
    predict = getattr(model, method)
    return lambda data, params: predict(data)


def _xgboost(folder, configuration, method):
    import xgboost

    module, _, name = configuration.get("model_class", "xgboost.core.Booster").rpartition(".")
    model = getattr(importlib.import_module(module), name)()
    model.load_model(os.path.join(folder, configuration["data"]))
    taken = inspect.signature(model.predict).parameters
    booster = isinstance(model, xgboost.Booster)

    def predict(data, params):
        options = {"validate_features": True, **{name: value for name, value in params.items() if name in taken}}
        return model.predict(xgboost.DMatrix(data) if booster else data, **options)

    return predict


def _lightgbm(folder, configuration, method):
    path = os.path.join(folder, configuration["data"])
    if configuration.get("model_class", "lightgbm.basic.Booster") == "lightgbm.basic.Booster":
        import lightgbm

        model = lightgbm.Booster(model_file=path)
    else:
        model = _unpickled(path, {"serialization_format": "cloudpickle", **configuration})
    return lambda data, params: model.predict(data)


def _python_function(folder, configuration, method):
    os.environ["_MLFLOW_IS_IN_SERVING_ENVIRONMENT"] = "true"
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(folder)
    takes_params = "params" in inspect.signature(model.predict).parameters
    return lambda data, params: model.predict(data, params=params) if takes_params else model.predict(data)


LOADERS = {"sklearn": _sklearn, "xgboost": _xgboost, "lightgbm": _lightgbm, "python_function": _python_function}


def parser(spec):
    """mlflow's own reading of bodies, for a model that mlflow checks and calls."""
    from mlflow.models import Model
    from mlflow.pyfunc.scoring_server import infer_and_parse_data

    model = Model.load(spec["folder"])
    if spec["typed"]:
        return lambda data: data["inputs"]
    schema = model.get_input_schema()
    return lambda data: infer_and_parse_data(data, schema)
